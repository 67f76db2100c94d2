# SPDX-License-Identifier: Apache-2.0
"""Writing Cycles shader trees as expressions: each method adds one node and returns the socket that carries its result.

Lengths are metres (object coordinates), frequencies are features per metre, colours are linear RGB triples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import bpy

Socket: TypeAlias = bpy.types.NodeSocket
Number: TypeAlias = Socket | float
Colour: TypeAlias = Socket | Sequence[float]
_TEXTURE_FIELD_M = 37.0
"""How far apart two objects with the same material lie in the texture field: more than any object is large."""


class Shader:
    """The node tree of one new material (or of a new world), empty but for its output."""

    def __init__(self, name: str, world: bool = False) -> None:
        self.owner = bpy.data.worlds.new(name) if world else bpy.data.materials.new(name)
        self.owner.use_nodes = True
        self.tree = self.owner.node_tree
        self.tree.nodes.clear()

    def add(self, kind: str, inputs: Mapping[Any, Any], output: str | int = 0, **settings: Any) -> Socket:
        """Add a node of type ``ShaderNode<kind>``; wire sockets and set constants; return one of its outputs."""
        node = self.tree.nodes.new(f"ShaderNode{kind}")
        for setting, value in settings.items():
            setattr(node, setting, value)
        for key, value in inputs.items():
            self.put(node.inputs[key], value)
        return node.outputs[output]

    def put(self, socket: Socket, value: Any) -> None:
        """Link a socket to ``socket``, or set it to a constant (a colour triple gains alpha 1)."""
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, socket)
        elif socket.type == "RGBA":
            socket.default_value = (*value, 1.0) if len(value) == 3 else value
        else:
            socket.default_value = value

    def finish(self, surface: Socket, average: Sequence[float] | None = None, volume: Socket | None = None) -> Any:
        """Connect ``surface``, and ``volume`` for what a closed mesh holds, to the output; return the material (or world).

        ``average`` is a matt stand-in that rays scattered by matt surfaces meet instead: what they carry is blurred over the
        hemisphere anyhow, and most hits in a room are theirs, so the textures' cost falls severalfold.
        """
        if average is not None:
            scattered = self.add("LightPath", {}, "Is Diffuse Ray")
            surface = self.choose(scattered, surface, self.add("BsdfDiffuse", {"Color": average}))
        kind = "World" if isinstance(self.owner, bpy.types.World) else "Material"
        output = self.tree.nodes.new(f"ShaderNodeOutput{kind}")
        self.tree.links.new(surface, output.inputs["Surface"])
        if volume is not None:
            self.tree.links.new(volume, output.inputs["Volume"])
        return self.owner

    # Coordinates

    def position(self, per_object: bool = True) -> Socket:
        """Object coordinates in metres; with ``per_object`` each object sits elsewhere in the texture field."""
        here = self.add("TexCoord", {}, "Object")
        if not per_object:
            return here
        shift = self.math("MULTIPLY", self.add("ObjectInfo", {}, "Random"), _TEXTURE_FIELD_M)
        return self.vector("ADD", here, self.combine(shift, shift, shift))

    def face_plane(self) -> Socket:
        """Two coordinates in metres in the plane of the face, by the axis that its normal is nearest to, as (u, v, 0).

        Floors and tops give (x, y), fronts (x, z), sides (y, z): v is up on everything upright.
        """
        coordinates = self.tree.nodes.new("ShaderNodeTexCoord")
        x, y, z = self.split(coordinates.outputs["Object"])
        local = coordinates.outputs["Normal"]
        nx, ny, nz = (self.math("ABSOLUTE", part) for part in self.split(local))
        flat = self.math("GREATER_THAN", nz, self.math("MAXIMUM", nx, ny))
        side = self.math("MULTIPLY", self.math("GREATER_THAN", nx, ny), self.math("SUBTRACT", 1.0, flat))
        return self.combine(self.blend(side, x, y), self.blend(flat, z, y), 0.0)

    def split(self, vector: Socket) -> tuple[Socket, Socket, Socket]:
        """Return the three parts of a vector."""
        node = self.tree.nodes.new("ShaderNodeSeparateXYZ")
        self.put(node.inputs[0], vector)
        return node.outputs[0], node.outputs[1], node.outputs[2]

    def combine(self, x: Number, y: Number, z: Number) -> Socket:
        """Return a vector from its parts."""
        return self.add("CombineXYZ", {0: x, 1: y, 2: z})

    # Arithmetic

    def math(self, operation: str, a: Number, b: Number = 0.0, c: Number = 0.0, clamp: bool = False) -> Socket:
        """Return ``operation`` (a Blender math operation) of up to three numbers."""
        return self.add("Math", {0: a, 1: b, 2: c}, operation=operation, use_clamp=clamp)

    def vector(self, operation: str, a: Any, b: Any = (0.0, 0.0, 0.0)) -> Socket:
        """Return ``operation`` (a Blender vector-math operation) of two vectors."""
        return self.add("VectorMath", {0: a, 1: b}, operation=operation)

    def length(self, vector: Socket) -> Socket:
        """Return the length of a vector."""
        return self.add("VectorMath", {0: vector}, "Value", operation="LENGTH")

    def scaled(self, vector: Socket, x: float, y: float, z: float) -> Socket:
        """Return a vector multiplied part by part."""
        return self.vector("MULTIPLY", vector, (x, y, z))

    def blend(self, factor: Number, a: Number, b: Number) -> Socket:
        """Return the number a + factor * (b - a)."""
        return self.add("Mix", {0: factor, 2: a, 3: b}, 0, data_type="FLOAT", clamp_factor=False)

    def mix(self, factor: Number, a: Colour, b: Colour, mode: str = "MIX") -> Socket:
        """Return colour a mixed with colour b by a Blender blend mode."""
        return self.add("Mix", {0: factor, 6: a, 7: b}, 2, data_type="RGBA", blend_type=mode)

    def remap(self, value: Number, low: Number, high: Number, new_low: Number = 0.0, new_high: Number = 1.0) -> Socket:
        """Map [low, high] to [new_low, new_high], smoothly and clamped at the ends."""
        inputs = {0: value, 1: low, 2: high, 3: new_low, 4: new_high}
        return self.add("MapRange", inputs, interpolation_type="SMOOTHSTEP")

    def ramp(self, value: Socket, stops: Sequence[tuple[float, Sequence[float]]]) -> Socket:
        """Return a colour from ``stops`` (position in [0, 1], colour) by linear interpolation."""
        node = self.tree.nodes.new("ShaderNodeValToRGB")
        elements = node.color_ramp.elements
        while len(elements) < len(stops):
            elements.new(0.5)
        for element, (at, colour) in zip(elements, stops, strict=True):
            element.position, element.color = at, (*colour, 1.0)
        self.put(node.inputs[0], value)
        return node.outputs["Color"]

    # Textures

    def noise(
        self,
        at: Socket,
        per_m: float,
        detail: float = 3.0,
        roughness: float = 0.5,
        distortion: float = 0.0,
        colour: bool = False,
    ) -> Socket:
        """Fractal noise in [0, 1] about 0.5, ``per_m`` features per metre; three independent ones with ``colour``."""
        inputs = {"Vector": at, "Scale": per_m, "Detail": detail, "Roughness": roughness, "Distortion": distortion}
        return self.add("TexNoise", inputs, "Color" if colour else 0)

    def warped(self, at: Socket, per_m: float, by_m: float, detail: float = 2.0) -> Socket:
        """Return the position pushed about by noise of amplitude ``by_m``."""
        push = self.vector("SUBTRACT", self.noise(at, per_m, detail, colour=True), (0.5, 0.5, 0.5))
        return self.vector("ADD", at, self.scaled(push, 2 * by_m, 2 * by_m, 2 * by_m))

    def cells(self, at: Socket, per_m: float, feature: str = "F1", output: str | int = "Distance") -> Socket:
        """Voronoi cells, ``per_m`` of them per metre; ``feature`` F1, F2, SMOOTH_F1 or DISTANCE_TO_EDGE."""
        return self.add("TexVoronoi", {"Vector": at, "Scale": per_m}, output, feature=feature)

    def hashed(self, at: Socket) -> tuple[Socket, Socket]:
        """Return (number in [0, 1], colour) that jump from one integer lattice value of ``at`` to the next."""
        node = self.tree.nodes.new("ShaderNodeTexWhiteNoise")
        self.put(node.inputs["Vector"], at)
        return node.outputs["Value"], node.outputs["Color"]

    # Surfaces

    def bump(self, height: Socket, depth_m: float, over: Socket | None = None) -> Socket:
        """Return a normal bent by ``height`` in [0, 1] times ``depth_m``; ``over`` chains a coarser bump."""
        inputs: dict[str, Any] = {"Height": height, "Distance": depth_m, "Strength": 1.0}
        if over is not None:
            inputs["Normal"] = over
        return self.add("Bump", inputs, "Normal")

    def principled(self, colour: Colour, roughness: Number, normal: Socket | None = None, **more: Any) -> Socket:
        """Return a Principled BSDF; ``more`` names further inputs with underscores for spaces."""
        inputs: dict[str, Any] = {"Base Color": colour, "Roughness": roughness}
        if normal is not None:
            inputs["Normal"] = normal
        inputs.update({key.replace("_", " "): value for key, value in more.items()})
        return self.add("BsdfPrincipled", inputs)

    def sum(self, *shaders: Socket) -> Socket:
        """Return the sum of closures, each already weighted by its own colour."""
        total = shaders[0]
        for shader in shaders[1:]:
            total = self.add("AddShader", {0: total, 1: shader})
        return total

    def choose(self, factor: Number, a: Socket, b: Socket) -> Socket:
        """Return closure a where ``factor`` is 0 and b where it is 1."""
        return self.add("MixShader", {0: factor, 1: a, 2: b})

    def fresnel(self, ior: float) -> Socket:
        """Reflectance of a boundary met from outside at this angle, also on back faces.

        Blender's node inverts the index on back faces, where a straight ray that never refracted would then meet total
        reflection and see black; the inversion is undone.
        """
        back = self.add("NewGeometry", {}, "Backfacing")
        return self.add("Fresnel", {"IOR": self.blend(back, ior, 1.0 / ior)})
