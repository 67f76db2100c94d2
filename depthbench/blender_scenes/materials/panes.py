# SPDX-License-Identifier: Apache-2.0
"""What families of glass share: the closure of a straight face, that of a refracting one, coordinates on a pane."""

from __future__ import annotations

from collections.abc import Sequence

from depthbench.blender_scenes.nodes import Colour, Number, Shader, Socket

IOR = 1.5
_SIDES_APART_M = 5.0


def straight(shader: Shader, per_face: Colour, roughness: Number = 0.0) -> Socket:
    """Closure of a face that lets light straight on, times ``per_face``, less what it reflects (index 1.5).

    A closed pane has two: it reflects at both, as real glass does, and lets through (1 - R) / (1 + R) = 92 % at right angles.
    """
    reflected = shader.fresnel(IOR)
    passed = shader.math("SUBTRACT", 1.0, reflected)
    onward = shader.vector("MULTIPLY", shader.combine(passed, passed, passed), per_face)
    # A diffuse ray that finds a lamp by way of a reflection is a firefly, not a picture.
    seen = shader.math("SUBTRACT", 1.0, shader.add("LightPath", {}, "Is Diffuse Ray"))
    mirrored = shader.math("MULTIPLY", reflected, seen)
    gloss = {"Color": shader.combine(mirrored, mirrored, mirrored), "Roughness": roughness}
    return shader.sum(shader.add("BsdfTransparent", {"Color": onward}), shader.add("BsdfGlossy", gloss))


def refracting(
    shader: Shader,
    ior: float,
    colour: Colour,
    unbent: Sequence[float],
    roughness: Number = 0.0,
    normal: Socket | None = None,
) -> Socket:
    """Closure of a face that refracts rays from the camera.

    Shadow rays, and rays scattered by matt surfaces, go straight on times ``unbent`` instead, which replaces caustics and
    keeps what stands behind glass lit.
    """
    inputs = {"Color": colour, "Roughness": roughness, "IOR": ior}
    bent = shader.add("BsdfGlass", inputs if normal is None else {**inputs, "Normal": normal})
    path = shader.tree.nodes.new("ShaderNodeLightPath")
    unseen = shader.math("MAXIMUM", path.outputs["Is Shadow Ray"], path.outputs["Is Diffuse Ray"])
    return shader.choose(unseen, bent, shader.add("BsdfTransparent", {"Color": unbent}))


def veil(shader: Shader, colour: Sequence[float]) -> Socket:
    """Closure of a thin layer that scatters light half back and half through: dust, grease, etched glass."""
    half = [0.5 * part for part in colour]
    return shader.sum(shader.add("BsdfTranslucent", {"Color": half}), shader.add("BsdfDiffuse", {"Color": half}))


def front(shader: Shader) -> Socket:
    """1 on the sides of a pane that face -x, -y or -z (object coordinates), 0 on the opposite ones."""
    x, y, z = shader.split(shader.add("TexCoord", {}, "Normal"))
    return shader.math("LESS_THAN", shader.math("ADD", shader.math("ADD", x, y), z), 0.0)


def on_pane(shader: Shader) -> Socket:
    """(u, v, w) in metres: the plane of the face, elsewhere for each object; w keeps a pane's two sides apart."""
    u, v, _ = shader.split(shader.face_plane())
    shift = shader.math("MULTIPLY", shader.add("ObjectInfo", {}, "Random"), 37.0)
    side = shader.math("MULTIPLY", front(shader), _SIDES_APART_M)
    return shader.combine(shader.math("ADD", u, shift), shader.math("ADD", v, shift), side)
