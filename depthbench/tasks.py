# SPDX-License-Identifier: Apache-2.0
"""What a sample and a prediction are, per task: frozen dataclasses that obey the conventions of :mod:`depthbench.camera`.

A set yields samples of its task, a model turns a sample into a prediction, a protocol scores the prediction. ``eval``
refuses a model and a set of different tasks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from depthbench.camera import Intrinsics, StereoRig
from depthbench.formats.mvsnet_cam import MvsCamera
from depthbench.layers import Layers

Task = Literal["stereo", "motion", "focus", "mvs", "mono"]
DepthKind = Literal["metric", "affine-depth", "affine-disparity"]
FocusPolicy = Literal["", "fixed", "dioptre-uniform", "quantile", "gt-range"]


@dataclass(frozen=True)
class StereoSample:
    """One rectified pair with its truth, for the left eye.

    Attributes
    ----------
    id : str
        Unique in its set; also the path (without suffix) of the saved prediction, so ``/`` makes folders.
    left, right : uint8 (H, W, 3)
        RGB images.
    disp_px : float32 (H, W) or None
        True disparity of the first surface at its own resolution (it may be larger than the images'), NaN = unknown.
    nocc : bool (H, W) or None
        Pixels whose point is seen by the right eye, at the resolution of ``disp_px``; None when the set does not say.
    layers : Layers or None
        Every layer of the left eye, for layered sets.
    rig : StereoRig or None
        Calibration, when the set has it.
    max_disp_px : int or None
        Largest disparity to search at image resolution (Middlebury's ``ndisp``), when the set states it.
    meta : mapping
        What else the set knows (environment, seed, ...); JSON-serialisable.
    """

    id: str
    left: npt.NDArray[np.uint8]
    right: npt.NDArray[np.uint8]
    disp_px: npt.NDArray[np.float32] | None = None
    nocc: npt.NDArray[np.bool_] | None = None
    layers: Layers | None = None
    rig: StereoRig | None = None
    max_disp_px: int | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class StereoPrediction:
    """A model's answer for one :class:`StereoSample`.

    Attributes
    ----------
    disp_px : float32 (H, W)
        Disparity at the left image's resolution; NaN = hole (no answer).
    """

    disp_px: npt.NDArray[np.float32]


@dataclass(frozen=True)
class MotionSample:
    """Masks of one still object, seen by a camera that moves along its optical axis; it carries no truth.

    Attributes
    ----------
    id : str
        Unique in its set.
    masks : bool (n, H, W)
        Where the object is, final pose first, then the poses before it (in the benchmark sets: near to far).
    camera_z_m : float64 (n,)
        Position of the camera along its optical axis (forward is positive), metres from the final pose: the first is 0, a
        pose from which the camera went forward is negative. The object's depth at pose i is that at the final pose minus
        ``camera_z_m[i]``.
    """

    id: str
    masks: npt.NDArray[np.bool_]
    camera_z_m: npt.NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.masks.ndim != 3 or self.camera_z_m.shape != self.masks.shape[:1]:
            raise ValueError(f"masks {self.masks.shape} and positions {self.camera_z_m.shape} do not belong together")


@dataclass(frozen=True)
class MotionPrediction:
    """A model's answer for one :class:`MotionSample`.

    Attributes
    ----------
    depth_m : float
        Depth of the object at the final pose in metres; what is not finite is no answer.
    """

    depth_m: float


@dataclass(frozen=True)
class FocusSample:
    """Pictures of one still scene by one camera, focused at several distances; it carries no truth.

    Attributes
    ----------
    id : str
        Unique in its set; also the path (without suffix) of the saved prediction, so ``/`` makes folders.
    stack : uint8 (N, H, W, 3)
        RGB pictures in sRGB, in the order of ``focus_m``.
    focus_m : float64 (N,)
        Distances in focus (planar z), metres, strictly ascending; the last may be +inf.
    all_in_focus : uint8 (H, W, 3) or None
        The scene through a pinhole, where the set has it.
    intrinsics : Intrinsics or None
        Calibration, where the set has it.
    focus_policy : str
        How the distances were chosen (``fixed``, ``dioptre-uniform``, ``quantile``, ``gt-range``), or empty where the set does
        not say. ``gt-range`` tells a model the range of the answer.
    meta : mapping
        What else the set knows (camera, blur strength, seed, ...); JSON-serialisable.
    """

    id: str
    stack: npt.NDArray[np.uint8]
    focus_m: npt.NDArray[np.float64]
    all_in_focus: npt.NDArray[np.uint8] | None = None
    intrinsics: Intrinsics | None = None
    focus_policy: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.stack.ndim != 4 or self.focus_m.shape != self.stack.shape[:1]:
            raise ValueError(f"pictures {self.stack.shape} and distances {self.focus_m.shape} do not belong together")
        if not (self.focus_m > 0).all() or not (np.diff(self.focus_m) > 0).all():
            raise ValueError(f"focus distances must be positive and ascending, not {self.focus_m.tolist()}")


@dataclass(frozen=True)
class MonoSample:
    """One picture; it carries no truth.

    Attributes
    ----------
    id : str
        Unique in its set; also the path (without suffix) of the saved prediction, so ``/`` makes folders.
    image : uint8 (H, W, 3)
        RGB.
    intrinsics : Intrinsics or None
        Calibration, where the set has it.
    meta : mapping
        What else the set knows: ``camera_height_m`` over the road and ``camera_pitch_deg`` (down is positive), where it says;
        JSON-serialisable.
    """

    id: str
    image: npt.NDArray[np.uint8]
    intrinsics: Intrinsics | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class DepthPrediction:
    """A model's answer for one picture or stack.

    Attributes
    ----------
    depth_m : float32 (H, W)
        Depth (planar z) at the size of the pictures; NaN = hole (no answer). Metres where ``kind`` is ``metric``; otherwise up to
        a scale and a shift of depth (``affine-depth``) or of its inverse (``affine-disparity``: the map then holds disparity).
    kind : str
    """

    depth_m: npt.NDArray[np.float32]
    kind: DepthKind = "metric"


@dataclass(frozen=True)
class MvsView:
    """A picture with its camera.

    Attributes
    ----------
    rgb : uint8 (H, W, 3)
    camera : MvsCamera
        Its intrinsics are in pixels of this picture; lengths are in the scene's unit, which need not be metres (DTU: mm).
    """

    rgb: npt.NDArray[np.uint8]
    camera: MvsCamera

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture."""
        height, width = self.rgb.shape[:2]
        return width, height

    @property
    def intrinsics(self) -> npt.NDArray[np.float64]:
        """K of the picture, (3, 3)."""
        return self.camera.intrinsics

    @property
    def world_to_cam(self) -> npt.NDArray[np.float64]:
        """Pose, (4, 4)."""
        return self.camera.world_to_cam


@dataclass(frozen=True)
class MvsSample:
    """A reference view, whose depth is asked for, and source views of the same still scene; it carries no truth.

    Attributes
    ----------
    id : str
        Unique in its set; also the path (without suffix) of the saved prediction: ``scan1/00000007``.
    reference : MvsView
    sources : tuple of MvsView
        Best first; pictures may differ in size.
    """

    id: str
    reference: MvsView
    sources: tuple[MvsView, ...]


@dataclass(frozen=True)
class MvsPrediction:
    """A model's answer for one :class:`MvsSample`.

    Attributes
    ----------
    depth : float32 (h, w)
        Planar depth in the scene's unit, NaN = hole; of the reference picture's proportions, and its size or smaller.
    confidence : float32 (h, w) or None
        0 to 1; None: the model does not tell.
    coarser : tuple of (depth, confidence)
        The same at ever smaller sizes, where the model works on a pyramid: once the whole scene is predicted, surer
        coarse depth takes the place of unsure fine depth (:mod:`.benchmarks.depth_pyramid`).
    """

    depth: npt.NDArray[np.float32]
    confidence: npt.NDArray[np.float32] | None = None
    coarser: tuple[tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]], ...] = ()


class Model(Protocol):
    """What ``eval --model`` needs: three methods and the name of the task, whose sample and prediction they take and give.

    ``prepare`` and ``finish`` hold everything that is not the model's own arithmetic (padding, normalisation, hole filling);
    run time is measured on ``forward`` alone and on all three together. A model that is steered names the option that does
    it in a class attribute ``steered_by`` (0 = first surface, 1 = last): ``eval`` then measures both ends where a protocol
    asks for both.
    """

    task: Task

    def prepare(self, sample: Any) -> Any:
        """Turn a sample into the model's own input; must not look at the truth."""

    def forward(self, inputs: Any) -> Any:
        """Run the model."""

    def finish(self, outputs: Any, sample: Any) -> Any:
        """Turn the model's own output into a prediction: for stereo at the left image's resolution."""
