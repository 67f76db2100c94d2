# SPDX-License-Identifier: Apache-2.0
"""S2M2 (Min et al., ICCV 2025), a stereo transformer at several resolutions with global matching, written from its description.

Parameter names and shapes are those of the published checkpoints, so that a user who accepted their licence can load them;
the arithmetic is our own text and gives the same numbers.
"""
