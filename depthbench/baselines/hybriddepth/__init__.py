# SPDX-License-Identifier: Apache-2.0
"""HybridDepth: metric depth from a focal stack and a relative depth map (Ganj et al., ISMAR 2024), each stage usable by itself.

:mod:`.dfv` (depth from focus by a differential focus volume: :mod:`.resnet`, :mod:`.features`, :mod:`.volume`, :mod:`.decoder`). Written
from a description, in our own words; sizes and names of parameters are those of the authors' checkpoints.
"""
