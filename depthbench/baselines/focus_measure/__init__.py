# SPDX-License-Identifier: Apache-2.0
"""Classical depth from focus: where along the stack a pixel's surroundings are sharpest. No weights, numpy and scipy alone."""
