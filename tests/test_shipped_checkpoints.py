# SPDX-License-Identifier: Apache-2.0
"""Every checkpoint that comes with depthbench is the outcome of the training that is recorded beside it, loads, and may be used by anyone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import depthbench
from depthbench.baselines.loading import load_model
from depthbench.baselines.weights_file import file_sha256, read_metadata

FOLDER = Path(depthbench.__file__).parent / "baselines"
CHECKPOINTS = sorted(FOLDER.glob("*/checkpoints/*.safetensors"))


def test_each_trained_model_has_one() -> None:
    models = {read_metadata(path)["model"] for path in CHECKPOINTS}
    assert models >= {"hybriddepth", "icm-depth", "odn-l", "odn-lp", "odn-lr", "pbs-mvsnet", "s2m2-focus", "size-net"}
    assert sum(path.stat().st_size for path in CHECKPOINTS) < 40e6


@pytest.mark.parametrize("path", CHECKPOINTS, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_it_is_what_its_record_tells(path: Path) -> None:
    told = read_metadata(path)
    record = json.loads(path.with_suffix(".json").read_text())
    assert record["weights_sha256"] in (file_sha256(path), told.get("halved_from_sha256"))
    assert record["claims"]["model"] == told["model"]
    assert str(record["best"]["step"]) == told["step"]
    assert told["licence"] == "Apache-2.0"
    assert not re.search(r"(^|[\s:=\"])/\w", record["run"]["command"])
    assert load_model(told["model"], {}).model is not None
