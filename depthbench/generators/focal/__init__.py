# SPDX-License-Identifier: Apache-2.0
"""Focal stacks from a picture and its depth: what a camera with a real aperture sees, focused at one distance after another.

:mod:`.lens` (thin lens), :mod:`.cameras` (presets), :mod:`.planes` (where to focus), :mod:`.layered` (the renderer that knows of
occlusion), :mod:`.reference` (the published kernel), :mod:`.torch_layered` and :mod:`.torch_reference` (both with gradients, in
batches), :mod:`.faults` (breathing, misalignment, noise).
"""
