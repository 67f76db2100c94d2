# SPDX-License-Identifier: Apache-2.0
"""The scene evaluated as a renderer sees it: render-time modifiers, subdivision levels and visibility.

``bpy.context.evaluated_depsgraph_get()`` gives the viewport's settings. The only door to the render-time evaluation is a
render engine's ``render`` callback, so a tiny engine is registered for the purpose and "renders" four pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import bpy

from depthbench.errors import DepthbenchError

Result = TypeVar("Result")

ENGINE = "DEPTHBENCH_GRAPH"


def with_render_graph(use: Callable[[bpy.types.Depsgraph], Result]) -> Result:
    """Call ``use(depsgraph)`` with the current scene's render-time dependency graph and return its answer.

    The graph dies when ``use`` returns; exceptions in ``use`` are passed on.

    Raises
    ------
    DepthbenchError
        If Blender refuses to evaluate the scene.
    """
    answers: list[Result] = []
    faults: list[Exception] = []

    class GraphEngine(bpy.types.RenderEngine):
        bl_idname = ENGINE
        bl_label = "depthbench graph"

        def render(self, depsgraph: bpy.types.Depsgraph) -> None:
            try:
                answers.append(use(depsgraph))
            except Exception as fault:
                faults.append(fault)

    scene = bpy.context.scene
    render = scene.render
    names = ("engine", "resolution_x", "resolution_y", "resolution_percentage", "use_compositing", "use_sequencer")
    before = {name: getattr(render, name) for name in names}
    camera = None
    bpy.utils.register_class(GraphEngine)
    try:
        if scene.camera is None:
            camera = bpy.data.objects.new("depthbench graph", bpy.data.cameras.new("depthbench graph"))
            scene.collection.objects.link(camera)
            scene.camera = camera
        render.engine = ENGINE
        render.resolution_x = render.resolution_y = 4
        render.resolution_percentage = 100
        render.use_compositing = render.use_sequencer = False
        bpy.ops.render.render()
    finally:
        for name, value in before.items():
            setattr(render, name, value)
        if camera is not None:
            data = camera.data
            bpy.data.objects.remove(camera)
            bpy.data.cameras.remove(data)
        bpy.utils.unregister_class(GraphEngine)
    if faults:
        raise faults[0]
    if not answers:
        raise DepthbenchError(f"Blender did not evaluate the scene '{scene.name}' for rendering: is anything in it?")
    return answers[0]
