# SPDX-License-Identifier: Apache-2.0
"""How PBS-MVSNet is trained: on views of scans in DTU's training layout, real or synthetic."""
