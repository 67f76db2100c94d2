# SPDX-License-Identifier: Apache-2.0
"""Objects: each file makes one kind of thing, different from draw to draw.

To add one: a file with ``add(rng, location, turn_deg, **choices) -> list[bpy.types.Object]`` that puts the thing with its
base at ``location``. Layouts import the files they use. A file may offer more helpers (its footprint or height).
"""
