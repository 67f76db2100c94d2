# SPDX-License-Identifier: Apache-2.0
"""Focal stacks as a release: every plane, the all-in-focus picture, depth, focus distances, one JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from depthbench.camera import Intrinsics
from depthbench.errors import DepthbenchError, MissingExtraError
from depthbench.formats.focal_record import FocalRecord
from depthbench.formats.image import decode_rgb, encode_png
from depthbench.formats.json_file import read_json
from depthbench.formats.sample_parts import Parts
from depthbench.generators.focal.stack_set import SOURCE_FILE, StackSet, load_set, stored
from depthbench.release.kind import About, Asset, CannotRecomputeError, Listed, kept_config

_PARTS = {
    "NN.png": "the planes, near to far, sRGB of 8 bits; of 16 bits they are `stack` uint16 (N, H, W, 3) in `stack.npz`",
    "all_in_focus.png": "the picture through a pinhole",
    "npz": "`focus_m` float64 (N,): where each plane is sharp, ascending; the last may be inf. `depth_m` float32 (H, W): planar z of the all-in-focus "
    "picture, NaN = unknown, inf = sky",
    "json": "lens, focus policy, intrinsics, source, versions",
}
_LIMITS = (
    "Stacks are computed from pictures and depth: what the source's depth map misses or gets wrong is wrong in the blur too.",
    "Where the source knows one surface per pixel, what lies behind an edge is filled in.",
)


class FocalKind:
    """See :class:`depthbench.release.kind.ReleaseKind`."""

    name = "focal-stack"

    def listing(self, folder: Path) -> list[Listed]:
        """Return every stack; those of one folder of the source, or of one rendered scene, are one group."""
        asked = load_set(folder)
        groups: dict[str, int] = {}
        found = []
        for shard, index in stored(folder):
            name = shard.ids[index]
            scene = _scene(asked, name)
            # rendered scenes have a number of their own, which keeps a scene's split when the set grows
            group = int(scene) if scene.isdigit() else groups.setdefault(scene, len(groups))
            found.append(
                Listed(_safe(name), group, scene if not scene.isdigit() else name.split("-")[0], (shard, index))
            )
        return found

    def read(self, listed: Listed) -> Parts:
        """Return a stack's parts."""
        shard, index = listed.place
        record = shard.read(index)
        parts: dict[str, Any] = {}
        if record.stack.dtype == np.uint8:
            parts |= {f"{number:02d}.png": encode_png(picture, 2) for number, picture in enumerate(record.stack)}
        else:
            parts["stack.npz"] = {"stack": record.stack}
        parts["all_in_focus.png"] = encode_png(record.all_in_focus, 2)
        parts["npz"] = {"focus_m": record.focus_m, "depth_m": record.depth_m}
        camera = asdict(record.intrinsics) if record.intrinsics else None
        parts["json"] = {"id": listed.id, "source_id": record.id, "intrinsics": camera, "meta": dict(record.meta)}
        return parts

    def about(self, folder: Path, listed: list[Listed]) -> About:
        """Return what the folder is."""
        asked = load_set(folder)
        config = asked.config
        root = read_json(folder / SOURCE_FILE).get("root", "")
        rendered = config.source == "layered"
        assets = (
            ()
            if rendered
            else (
                Asset(f"pictures and depth of the source ({config.source})", "the source's own", Path(str(root)).name),
            )
        )
        return About(
            title="Focal stacks with depth",
            text=f"Pictures of one view focused at several distances, near to far, with the all-in-focus picture and depth; made by the renderer "
            f"'{config.renderer}' for the camera '{config.camera}' from a source of the kind '{config.source}'.",
            tasks=("depth-estimation",),
            parts=_PARTS,
            limits=_LIMITS,
            seeds=f"seed {config.seed}, {len(listed)} stacks, in the order of the source",
            assets=assets,
        )

    def pictures(self, folder: Path, out: Path) -> tuple[dict[str, str], dict[str, Any]]:
        """Draw some stacks and the histograms."""
        from depthbench.generators.focal.picture import show_generated
        from depthbench.generators.focal.stats import draw, stats

        show_generated(folder, out / "stacks.png", 4)
        found = stats(folder)
        draw(found, out / "stats.png", folder.resolve().name)
        return {"stacks.png": "Stacks: the planes, all in focus, depth", "stats.png": "What the set covers"}, found

    def check(self, provenance: Path, sample_id: str, parts: Parts) -> list[str]:
        """Hold a stack's shapes and numbers against each other."""
        if parts.get("json", {}).get("id") != sample_id:
            return [f"calls itself {parts.get('json', {}).get('id')}"]
        record = record_of(parts)
        if not (np.diff(record.focus_m) > 0).all() or record.depth_m[np.isfinite(record.depth_m)].min(initial=1) <= 0:
            return ["focus distances or depths are none"]
        return []

    def fingerprint(self, parts: Parts) -> bytes:
        """Return the first plane with the last and the focus distances."""
        planes = [parts[name] for name in sorted(parts) if name[:1].isdigit()] or [
            parts["stack.npz"]["stack"].tobytes()
        ]
        return bytes(planes[0] + planes[-1] + parts["npz"]["focus_m"].tobytes())

    def recompute(self, provenance: Path, samples: Mapping[str, Parts]) -> list[str]:
        """Render the stacks again from their source, where it is here."""
        from depthbench.generators.focal.make import make_stack
        from depthbench.generators.focal.slice_task import source_of

        asked = _set(provenance)
        if asked.config.renderer == "cycles":
            raise CannotRecomputeError(
                "stacks of Cycles are made again by `depthbench verify` of the folder that they come from"
            )
        try:
            root = Path(str(read_json(provenance / SOURCE_FILE)["root"]))
            source = source_of(asked.config, root)
            names = list(source.names)
        except (DepthbenchError, KeyError, TypeError) as error:
            raise CannotRecomputeError(f"the source of these stacks is not here ({error})") from error
        problems = []
        for sample_id, parts in samples.items():
            stored_record = record_of(parts)
            if stored_record.id not in names:
                problems.append(f"{sample_id}: the source has no {stored_record.id}")
                continue
            number = names.index(stored_record.id)
            fresh = make_stack(asked.config, source.read(number), number)
            for what in ("stack", "focus_m", "all_in_focus", "depth_m"):
                held, made = getattr(stored_record, what), getattr(fresh, what)
                if not np.array_equal(held, made, equal_nan=what == "depth_m"):
                    problems.append(f"{sample_id}: {what} differs from the one made anew")
        return problems

    def tensors(self, parts: Parts, **options: Any) -> dict[str, Any]:
        """Return what :func:`depthbench.generators.focal.dataset.tensors` gives."""
        try:
            from depthbench.generators.focal.dataset import tensors
        except ImportError as error:
            raise MissingExtraError("torch", "torch", "reading a release as tensors") from error
        return tensors(record_of(parts))

    def needed(self, **options: Any) -> tuple[str, ...] | None:
        """Return None: all parts."""
        return None


def record_of(parts: Parts) -> FocalRecord:
    """Return the stack of its parts; ``id`` is the source's name of it.

    Raises
    ------
    DepthbenchError
        If the parts are not those of a stack, or contradict each other.
    """
    told = parts.get("json", {})
    name = str(told.get("id", "a stack"))
    try:
        focus_m, depth_m = parts["npz"]["focus_m"], parts["npz"]["depth_m"]
        planes = sorted(part for part in parts if part[:1].isdigit())
        if planes:
            stack = np.stack([decode_rgb(parts[part], f"{name}.{part}") for part in planes])
        else:
            stack = parts["stack.npz"]["stack"]
        picture = decode_rgb(parts["all_in_focus.png"], f"{name}.all_in_focus.png")
        camera = told.get("intrinsics")
        intrinsics = Intrinsics(**camera) if camera else None
    except (KeyError, TypeError, ValueError) as error:
        raise DepthbenchError(f"{name}: not a focal stack ({type(error).__name__}: {error})") from error
    if stack.shape != (len(focus_m), *depth_m.shape, 3) or picture.shape != (*depth_m.shape, 3):
        raise DepthbenchError(
            f"{name}: planes {stack.shape}, depth {depth_m.shape} and picture {picture.shape} do not fit"
        )
    return FocalRecord(
        str(told.get("source_id", name)), stack, focus_m, picture, depth_m, intrinsics, dict(told.get("meta", {}))
    )


def _set(provenance: Path) -> StackSet:
    return StackSet.from_json(kept_config(provenance))


def _scene(asked: StackSet, name: str) -> str:
    """Return the scene of a frame: the number of a rendered one, the folder of a picture, or the whole source."""
    if asked.config.source == "layered":
        return name.split("-")[-2]
    return name.rpartition("/")[0] or "source"


def _safe(name: str) -> str:
    return "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_") else "-" for letter in name)
