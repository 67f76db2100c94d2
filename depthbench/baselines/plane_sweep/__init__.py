# SPDX-License-Identifier: Apache-2.0
"""Multi-view stereo without weights: a plane sweep, semi-global smoothing, the best plane and what lies between planes."""
