# SPDX-License-Identifier: Apache-2.0
"""Layouts: each file builds one kind of place, different from seed to seed.

To add one: a file with ``build(rng: numpy.random.Generator) -> SceneInfo`` that fills the empty current scene, and one
line in :data:`LAYOUTS`.
"""

LAYOUTS = {
    "bedroom": "depthbench.blender_scenes.layouts.bedroom:build",
    "cafe": "depthbench.blender_scenes.layouts.cafe:build",
    "gallery": "depthbench.blender_scenes.layouts.gallery:build",
    "office": "depthbench.blender_scenes.layouts.office:build",
    "outdoor": "depthbench.blender_scenes.layouts.outdoor:build",
}
