# SPDX-License-Identifier: Apache-2.0
"""NYU Depth v2 (Silberman et al., ECCV 2012): rooms by a Kinect; focal stacks are synthesised from picture and depth."""

from __future__ import annotations

from pathlib import Path

from depthbench.benchmarks.sets.depth_truth import DepthTruth
from depthbench.benchmarks.sets.synthesis import Synthesis
from depthbench.errors import unknown_name
from depthbench.formats.depth_files import check_unit, read_depth
from depthbench.formats.image import read_rgb
from depthbench.formats.nyu_labelled import FILE, INTRINSICS, SPLITS_FILE, NyuLabelled, split_indices
from depthbench.formats.rgbd import FramePlace, RgbdFrame, bts_places, same_size
from depthbench.tasks import FocusSample, Task

SPLITS = {"test": 654, "train": 795}


class NyuV2:
    """The labelled file with the official (Eigen) split, or folders as BTS lays them out.

    Parameters
    ----------
    root : Path
        Holds ``nyu_depth_v2_labeled.mat`` and ``splits.mat``; or ``test/<scene>/rgb_00045.jpg`` beside ``sync_depth_00045.png``
        (16 bits, mm), also below ``official_splits``.
    split : {"test", "train"}
    camera, focus, n, near_m, far_m, renderer
        See :class:`.synthesis.Synthesis`. HybridDepth's own stacks are ``focus=gt-range renderer=reference``.
    """

    source = (
        "Get nyu_depth_v2_labeled.mat (cs.nyu.edu, NYU Depth Dataset V2) and splits.mat of its toolbox into <root>, or extract "
        "them as BTS does, so that <root>/test/<scene>/rgb_00045.jpg and sync_depth_00045.png exist."
    )
    task: Task = "focus"
    name = "nyu-v2"
    default_protocol = "nyu-eigen"

    def __init__(
        self,
        root: Path,
        split: str = "test",
        camera: str = "hybriddepth-nyu",
        focus: str = "fixed",
        n: int = 10,
        near_m: float = 0.7,
        far_m: float = 10.0,
        renderer: str = "layered",
    ) -> None:
        if split not in SPLITS:
            raise unknown_name("split of NYU v2", split, SPLITS)
        self.root = root
        self._synthesis = Synthesis("nyu", camera, focus, n, near_m, far_m, renderer)
        self.focus_policy = self._synthesis.policy
        self.label = f"{split}-{self._synthesis.label}"
        self._labelled = NyuLabelled(root / FILE) if (root / FILE).is_file() else None
        self._places: dict[str, FramePlace] = {}
        self._indices: dict[str, int] = {}
        if self._labelled:
            self._indices = {f"{index + 1:04d}": index for index in split_indices(root / SPLITS_FILE, split)}
        else:
            folder = next((path for path in (root / "official_splits" / split, root / split) if path.is_dir()), root)
            self._places = {place.id: place for place in bts_places(folder)}
        self.notes = self._synthesis.notes(INTRINSICS.width, INTRINSICS)
        if len(self.ids()) != SPLITS[split]:
            self.notes.append(f"{len(self.ids())} samples, the official {split} split has {SPLITS[split]}")

    def ids(self) -> list[str]:
        """Return numbers of the labelled file, from 0001; or scenes and frames."""
        return list(self._indices or self._places)

    def _frame(self, sample_id: str) -> RgbdFrame:
        if self._labelled:
            frame = self._labelled.frame(self._indices[sample_id])
            check_unit(frame.depth_m, f"{self._labelled.path}, frame {sample_id}", "The file of NYU v2 is in metres.")
            return frame
        place = self._places[sample_id]
        image, depth_m = read_rgb(place.image), read_depth(place.depth)
        same_size(image, depth_m, place.image, place.depth)
        check_unit(depth_m, place.depth, "BTS writes millimetres: is this another extraction?")
        return RgbdFrame(sample_id, image, depth_m, INTRINSICS.resized(image.shape[1], image.shape[0]))

    def stack(self, sample_id: str) -> FocusSample:
        """Render the stack; holes of the measured depth are filled for the rendering alone."""
        return self._synthesis.stack(self._frame(sample_id))

    def truth(self, sample_id: str) -> DepthTruth:
        """Return raw depth, and from the labelled file the filled one."""
        frame = self._frame(sample_id)
        return DepthTruth(sample_id, frame.depth_m, frame.filled_m)

    def files(self, sample_id: str) -> list[Path]:
        """Return the files of a sample."""
        if self._labelled:
            return [self._labelled.path, self.root / SPLITS_FILE]
        place = self._places[sample_id]
        return [place.image, place.depth]
