# SPDX-License-Identifier: Apache-2.0
"""Photographs with known cameras, brought into the layout that multi-view stereo reads."""
