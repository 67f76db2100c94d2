# SPDX-License-Identifier: Apache-2.0
"""Sets, one file each. To add one: a file with a class like :class:`..stereo_set.StereoSet` and one line in :data:`SETS`."""

from __future__ import annotations

import os
from pathlib import Path

from depthbench.errors import DepthbenchError
from depthbench.registry import lookup

SETS = {
    "layered": "depthbench.benchmarks.sets.layered:Layered",
    "layered-test": "depthbench.benchmarks.sets.layered_test:LayeredTest",
    "sim-plates": "depthbench.benchmarks.sets.sim_plates:SimPlates",
    "real-plates": "depthbench.benchmarks.sets.real_plates:RealPlates",
    "middlebury-v3": "depthbench.benchmarks.sets.middlebury_v3:MiddleburyV3",
    "kitti-2015": "depthbench.benchmarks.sets.kitti_2015:Kitti2015",
    "sceneflow": "depthbench.benchmarks.sets.sceneflow:SceneFlow",
    "booster": "depthbench.benchmarks.sets.booster:Booster",
    "layeredflow": "depthbench.benchmarks.sets.layeredflow:LayeredFlow",
    "eth3d": "depthbench.benchmarks.sets.eth3d:Eth3d",
    "nyu-v2": "depthbench.benchmarks.sets.nyu_v2:NyuV2",
    "arkit": "depthbench.benchmarks.sets.arkit:Arkit",
    "ddff12": "depthbench.benchmarks.sets.ddff12:Ddff12",
    "lightfield-4d": "depthbench.benchmarks.sets.lightfield_4d:LightField4d",
    "fod500": "depthbench.benchmarks.sets.fod500:Fod500",
    "mobile-depth": "depthbench.benchmarks.sets.mobile_depth:MobileDepth",
    "zedd": "depthbench.benchmarks.sets.zedd:Zedd",
    "focal": "depthbench.benchmarks.sets.focal:Focal",
    "focus-folder": "depthbench.benchmarks.sets.focus_folder:FocusFolder",
    "dtu": "depthbench.benchmarks.sets.dtu:Dtu",
    "dtu-twin": "depthbench.benchmarks.sets.dtu:DtuTwin",
    "mvs-folder": "depthbench.benchmarks.sets.mvs_folder:MvsFolder",
    "cityscapes-dvps": "depthbench.benchmarks.sets.dvps:CityscapesDvps",
    "semkitti-dvps": "depthbench.benchmarks.sets.dvps:SemkittiDvps",
    "dvps-twin": "depthbench.benchmarks.sets.dvps:DvpsTwin",
    "kitti": "depthbench.benchmarks.sets.kitti:Kitti",
    "odms": "depthbench.benchmarks.sets.odms:Odms",
    "odms-robot": "depthbench.benchmarks.sets.odms:Robot",
    "odms-driving": "depthbench.benchmarks.sets.odms:Driving",
    "odms-normal": "depthbench.benchmarks.sets.odms:Normal",
    "odms-perturb": "depthbench.benchmarks.sets.odms:Perturb",
}

PARTS = {f"odms-{part}": "odms" for part in ("robot", "driving", "normal", "perturb")}
"""Sets that lie in another one's folder."""

GENERATED = ("layered", "layered-test", "sim-plates", "focal", "focus-folder", "mvs-folder", "dtu-twin", "dvps-twin")
"""Sets that depthbench or its user makes; they live wherever their user put them."""


def set_problems(name: str, root: Path) -> list[str]:
    """Return what a folder lacks of a set, in sentences, where the set can tell (its class has ``examine``)."""
    examine = getattr(lookup("set", name, SETS), "examine", None)
    try:
        return list(examine(root)) if examine else []
    except DepthbenchError as error:
        return [str(error)]


def default_root(name: str) -> Path | None:
    """Return where a downloaded set is looked for: ``$DEPTHBENCH_DATA/<name>``, or ``data/<name>`` where that is unset.

    Parts of a set are looked for in the whole's folder.
    """
    if name in GENERATED:
        return None
    return Path(os.environ.get("DEPTHBENCH_DATA", "data")) / PARTS.get(name, name)
