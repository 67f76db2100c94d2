# SPDX-License-Identifier: Apache-2.0
"""Layered stereo pairs, plates and twins as a release: both pictures, both eyes' truth, one JSON of cameras and surfaces."""

from __future__ import annotations

import re
import tempfile
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from depthbench.camera import Intrinsics, StereoRig
from depthbench.errors import DepthbenchError
from depthbench.formats.image import decode_rgb
from depthbench.formats.layer_packing import LAYER_ARRAYS, pack, unpack
from depthbench.formats.layered_record import EYES, Eye, EyeRecord, LayeredRecord
from depthbench.formats.sample_parts import Parts
from depthbench.formats.shard import ShardReader, write_shard
from depthbench.generators.layered_folder import shard_paths
from depthbench.generators.plan import shard_path as scene_shard
from depthbench.generators.set_config import SetConfig, config_from_json, load_config
from depthbench.generators.stored_checks import check_record
from depthbench.layers import Layers, SurfaceClass
from depthbench.release.exchanged import exchanged_eyes
from depthbench.release.kind import About, Asset, CannotRecomputeError, Listed, kept_config, needed_to_recompute
from depthbench.truth.geometry import Surface

_TEXTS = {
    "layered": (
        "Stereo pairs through glass, with every layer's truth",
        "Rendered stereo pairs of rooms and streets full of see-through things: panes, vessels, curtains, screens. For every pixel of "
        "both eyes the disparity of each surface along the straight ray is known, up to and including the first opaque one.",
    ),
    "plates": (
        "Table tops behind acrylic plates, with every layer's truth",
        "Rendered stereo pairs of five table tops from twelve views each, without a plate and behind plates that let 80 and 60 % of the "
        "light through. For every pixel of both eyes the disparity of each surface along the straight ray is known.",
    ),
    "twin": (
        "Stereo pairs through glass, rendered again with one thing changed",
        "The scenes and views of another set with their panes removed, frosted, tinted or dirty, or with another baseline; "
        "with every layer's truth.",
    ),
}
_PARTS = {
    "left.png, right.png": "the pictures, RGB, 8 bits",
    "left.npz, right.npz": "truth of that eye. `count` uint8 (H, W): layers of each pixel. `disp_px` float32 (N,): disparity of the first layers "
    "row by row, then of the second ones, and so on; positive in both eyes. `surface_id` int32, `surface_class` uint8 (1 opaque, "
    "2 transmissive, 3 screen), `visibility` uint8 in the other eye (1 visible, 2 occluded, 3 out of frame): (N,) in the same order. "
    "`reflective` uint8 (H, W). `refraction_px` float32 (H, W): how far refraction moves what is seen, NaN = unknown",
    "json": "cameras (`rig` in pixels and metres, `cam_to_world` 4x4, OpenCV axes), the surfaces that are seen, seeds, versions",
}
_LIMITS = (
    "Truth is geometric: along the straight ray through a pixel's centre. Behind thick or curved glass what is seen is moved by refraction; "
    "`refraction_px` says by how much, so that such pixels can be left out.",
    "Reflections are a mask, never a layer: the depth of what is mirrored is not told.",
    "Pictures are rendered. Noise of path tracing, cleaned by a denoiser, is not that of a camera unless a sensor was simulated.",
    "Disparities are rounded to multiples of 2^-gt_bits px (default 13: an error of 6.1e-5 px at most).",
)
_OPEN_SHARDS = 16


class LayeredParts:
    """The parts of one sample, asked like a :class:`depthbench.formats.shard.ShardReader` of one sample (index 0).

    Raises
    ------
    DepthbenchError
        From every method, if the parts are not those of a layered sample.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._told: dict[str, Any] = parts.get("json", {})

    def _fault(self, error: Exception) -> DepthbenchError:
        return DepthbenchError(
            f"{self._told.get('id', 'a sample')}: not a layered sample ({type(error).__name__}: {error})"
        )

    @property
    def ids(self) -> tuple[str]:
        """The sample's id."""
        return (str(self._told.get("id")),)

    def rig(self, index: int = 0) -> StereoRig:
        """Intrinsics and baseline."""
        try:
            rig = self._told["rig"]
            numbers = (float(rig[key]) for key in ("fx", "fy", "cx", "cy"))
            camera = Intrinsics(int(rig["width"]), int(rig["height"]), *numbers)
            return StereoRig(camera, float(rig["baseline_m"]), float(rig["doffs_px"]))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise self._fault(error) from error

    def cam_to_world(self, index: int, eye: Eye) -> Any:
        """Pose of a camera, float64 (4, 4)."""
        try:
            return np.array(self._told["cam_to_world"][eye], dtype=np.float64).reshape(4, 4)
        except (KeyError, TypeError, ValueError) as error:
            raise self._fault(error) from error

    def image(self, index: int, eye: Eye) -> Any:
        """RGB picture, uint8 (H, W, 3)."""
        if f"{eye}.png" not in self._parts:
            raise self._fault(KeyError(f"{eye}.png"))
        return decode_rgb(self._parts[f"{eye}.png"], f"{self.ids[0]}.{eye}.png")

    def _array(self, eye: Eye, name: str, dtype: str, shape: tuple[int, ...]) -> Any:
        try:
            values = self._parts[f"{eye}.npz"][name]
        except (KeyError, TypeError) as error:
            raise self._fault(error) from error
        if values.shape != shape or values.dtype != np.dtype(dtype):
            raise self._fault(ValueError(f"{eye}: {name} is {values.dtype} {values.shape}, not {dtype} {shape}"))
        return values

    def _shape(self) -> tuple[int, int]:
        camera = self.rig().intrinsics
        return camera.height, camera.width

    def layer_arrays(self, index: int, eye: Eye, names: Iterable[str] = tuple(LAYER_ARRAYS)) -> dict[str, Any]:
        """Some of the arrays of :class:`depthbench.layers.Layers`, (K, H, W)."""
        count = self._array(eye, "count", "u1", self._shape())
        total = (int(count.sum()),)
        try:
            return unpack(
                {"count": count} | {name: self._array(eye, name, LAYER_ARRAYS[name], total) for name in names}
            )
        except ValueError as error:
            raise self._fault(error) from error

    def reflective(self, index: int, eye: Eye) -> Any:
        """Where a mirror-like surface is seen, bool (H, W)."""
        return self._array(eye, "reflective", "u1", self._shape()).astype(bool)

    def refraction_px(self, index: int, eye: Eye) -> Any:
        """How far refraction moves the correspondence, float32 (H, W)."""
        return self._array(eye, "refraction_px", "f4", self._shape())

    def record(self) -> LayeredRecord:
        """Return the whole sample."""
        eyes = {}
        for eye in EYES:
            image = self.image(0, eye)
            if image.shape != (*self._shape(), 3):
                raise self._fault(ValueError(f"{eye}.png is {image.shape}"))
            try:
                layers = Layers(**self.layer_arrays(0, eye))
            except ValueError as error:
                raise self._fault(error) from error
            eyes[eye] = EyeRecord(
                image, layers, self.reflective(0, eye), self.refraction_px(0, eye), self.cam_to_world(0, eye)
            )
        return LayeredRecord(self.ids[0], self.rig(), eyes["left"], eyes["right"], dict(self._told.get("meta", {})))

    def surfaces(self) -> tuple[Surface, ...]:
        """Return the surfaces that are seen."""
        try:
            return tuple(
                Surface(**{**one, "surface_class": SurfaceClass[one["surface_class"].upper()]})
                for one in self._told["surfaces"]
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self._fault(error) from error


class LayeredKind:
    """See :class:`depthbench.release.kind.ReleaseKind`."""

    name = "layered"

    def __init__(self) -> None:
        self._open: OrderedDict[Path, ShardReader] = OrderedDict()

    def listing(self, folder: Path) -> list[Listed]:
        """Return every sample of the finished shards."""
        config = load_config(folder)
        found = []
        for path in shard_paths(folder):
            scene = int(path.stem.rpartition("-")[2])
            with ShardReader(path) as reader:
                for index, sample_id in enumerate(reader.ids):
                    found.append(Listed(sample_id, scene, config.environment(scene), (path, index)))
        return found

    def _reader(self, path: Path) -> ShardReader:
        reader = self._open.pop(path, None) or ShardReader(path)
        self._open[path] = reader
        if len(self._open) > _OPEN_SHARDS:
            self._open.popitem(last=False)[1].close()
        return reader

    def read(self, listed: Listed) -> Parts:
        """Return a sample's parts; pictures are not decoded."""
        path, index = listed.place
        reader = self._reader(path)
        rig = reader.rig(index)
        parts: dict[str, Any] = {f"{eye}.png": reader.image_bytes(index, eye) for eye in EYES}
        seen: set[int] = set()
        for eye in EYES:
            packed = pack(reader.layers(index, eye))
            seen |= set(np.unique(packed["surface_id"]).tolist())
            more = {
                "reflective": reader.reflective(index, eye).astype("u1"),
                "refraction_px": reader.refraction_px(index, eye),
            }
            parts[f"{eye}.npz"] = packed | more
        surfaces = [surface for surface in reader.surfaces if surface.id in seen]
        parts["json"] = {
            "id": listed.id,
            "rig": {**asdict(rig.intrinsics), "baseline_m": rig.baseline_m, "doffs_px": rig.doffs},
            "cam_to_world": {eye: reader.cam_to_world(index, eye) for eye in EYES},
            "gt_bits": reader.gt_bits,
            "surfaces": [asdict(one) | {"surface_class": one.surface_class.name.lower()} for one in surfaces],
            "environment": listed.environment,
            "scene": listed.group,
            "meta": reader.meta(index),
        }
        return parts

    def about(self, folder: Path, listed: list[Listed]) -> About:
        """Return what the folder is; assets of the user's own are named with their terms."""
        config = load_config(folder)
        title, text = _TEXTS[config.generator]
        scenes = sorted({one.group for one in listed})
        return About(
            title=title,
            text=text,
            tasks=("depth-estimation",),
            parts=_PARTS,
            limits=_LIMITS,
            seeds=f"seed {config.seed}, scenes {scenes[0]} to {scenes[-1]} ({len(scenes)} of them), each with views counted from 0",
            assets=tuple(_assets(config)),
        )

    def pictures(self, folder: Path, out: Path) -> tuple[dict[str, str], dict[str, Any]]:
        """Draw a contact sheet and the histograms."""
        from depthbench.generators.contact_sheet import show
        from depthbench.generators.layered_stats import stats
        from depthbench.generators.layered_stats_picture import draw

        show(folder, out / "contact_sheet.png", 6)
        found = stats(folder)
        draw(found, out / "stats.png", folder.resolve().name)
        return {
            "contact_sheet.png": "Samples: both pictures, layers front to back, the last one, masks, visibility, refraction",
            "stats.png": "What the set covers",
        }, found

    def check(self, provenance: Path, sample_id: str, parts: Parts) -> list[str]:
        """Hold a sample against the configuration and against itself; exchanged eyes are called by that name."""
        config = _config(provenance)
        held = LayeredParts(parts)
        record = held.record()
        if record.id != sample_id:
            return [f"calls itself {record.id}"]
        told = exchanged_eyes(record)
        return [told] if told else list(check_record(record, config))

    def fingerprint(self, parts: Parts) -> bytes:
        """Return the left picture: two renders are never equal to the byte."""
        return bytes(parts["left.png"])

    def recompute(self, provenance: Path, samples: Mapping[str, Parts]) -> list[str]:
        """Build the scenes again and hold the truth against ray casting and Cycles."""
        from depthbench.generators.blender_check import require_blender
        from depthbench.generators.verify import Verification, check_rebuilt

        config = _config(provenance)
        source = Path(getattr(config, "source", "") or provenance)
        if not source.is_dir():
            raise CannotRecomputeError(f"{source}: the originals of these twins are not here")
        with needed_to_recompute():
            config.check_sources(provenance)
            require_blender()
        by_scene: defaultdict[int, list[LayeredParts]] = defaultdict(list)
        for sample_id, parts in samples.items():
            by_scene[int(sample_id.split("-")[-2])].append(LayeredParts(parts))
        result = Verification()
        with tempfile.TemporaryDirectory(prefix="depthbench-") as scratch:
            for scene, held in by_scene.items():
                surfaces = {surface.id: surface for one in held for surface in one.surfaces()}
                path = scene_shard(Path(scratch), scene)
                records = [one.record() for one in held]
                write_shard(
                    path, records, surfaces=list(surfaces.values()), attrs={"without": {}}, gt_bits=config.gt_bits
                )
            check_rebuilt(Path(scratch), config, list(samples), result)
        return result.problems

    def tensors(self, parts: Parts, **options: Any) -> dict[str, Any]:
        """Return what :class:`depthbench.generators.layered_dataset.LayeredDataset` gives, with its options."""
        from depthbench.generators.layered_tensors import layered_tensors

        return layered_tensors(LayeredParts(parts), 0, **options)

    def needed(self, **options: Any) -> tuple[str, ...] | None:
        """Return the parts of the fields asked for."""
        fields = options.get("fields")
        if fields is None:
            return ("left.png", "right.png", "left.npz", "json")
        truth = {name for name in fields if name not in EYES}
        eyes = {"right" if re.search("_right$", name) else "left" for name in truth}
        return (*(f"{eye}.png" for eye in EYES if eye in fields), *(f"{eye}.npz" for eye in sorted(eyes)), "json")


def _config(provenance: Path) -> SetConfig:
    """Read the configuration of a release without asking whether what it depends on is unchanged here."""
    return config_from_json(kept_config(provenance))


def _assets(config: SetConfig) -> Iterable[Asset]:
    """Yield the user's own assets and layouts of a set."""
    from depthbench.generators.assets import load_assets

    if folder := getattr(config, "assets", ""):
        for asset in load_assets(folder):
            yield Asset(asset.file, asset.licence, asset.source, asset.sha256)
    for layout, digest in zip(getattr(config, "scenes", ()), getattr(config, "scene_digests", ()), strict=True):
        if digest:
            yield Asset(Path(layout).name, "its author's", "a layout that does not come with depthbench", digest)
