# SPDX-License-Identifier: Apache-2.0
"""What the harness needs of tasks whose predictions are depth maps: files, checks, scores. Each such task adds its samples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from depthbench.benchmarks.depth_protocol import DepthProtocol
from depthbench.benchmarks.depth_scoring import score_depth
from depthbench.benchmarks.sets.evaluation_set import group_of
from depthbench.benchmarks.task import Values
from depthbench.errors import DepthbenchError
from depthbench.formats.depth_files import KINDS, prediction_path, read_depth_prediction, write_depth_prediction
from depthbench.tasks import DepthPrediction


class DepthFiles:
    """``<id>.pfm`` per sample in metres (NaN = hole); other kinds of files, which anyone made, are read as well."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def has(self, sample_id: str) -> bool:
        """Tell whether there is a file that ``eval`` wrote."""
        return any(prediction_path(self.folder, sample_id, kind).exists() for kind in KINDS)

    def write(self, sample_id: str, prediction: DepthPrediction) -> None:
        """Save a map."""
        write_depth_prediction(self.folder, sample_id, prediction)

    def read(self, sample_id: str) -> DepthPrediction:
        """Read a saved map.

        Raises
        ------
        DepthbenchError
            If there is none, or it cannot be read.
        """
        return read_depth_prediction(self.folder, sample_id)


def check_depth(prediction: DepthPrediction, shape: tuple[int, int]) -> None:
    """Refuse a prediction that is not a map of the pictures' size (height, width), or says nothing of its kind.

    Raises
    ------
    DepthbenchError
        Saying how it differs.
    """
    got = np.shape(prediction.depth_m)
    if got != shape:
        raise DepthbenchError(f"the model's map has the shape {got}, the pictures {shape} (height, width)")
    if prediction.kind not in KINDS:
        raise DepthbenchError(f"the model calls its map '{prediction.kind}'; it is one of {', '.join(KINDS)}")


def score_saved(protocol: DepthProtocol, opened: Any, sample_id: str, saved: DepthFiles) -> Values:
    """Read one sample's truth and its saved prediction, and score it.

    Raises
    ------
    DepthbenchError
        If either cannot be read, or they or the set's focus planes do not fit the protocol.
    """
    policy = getattr(opened, "focus_policy", "")
    if protocol.focus_policy and policy and policy != protocol.focus_policy:
        raise DepthbenchError(
            f"the protocol {protocol.name} is for stacks with focus planes '{protocol.focus_policy}', the set has '{policy}'; "
            "choose another protocol (nyu-eigen), or other planes by --set-option focus=..."
        )
    return score_depth(protocol, opened.truth(sample_id), saved.read(sample_id), group_of(opened, sample_id))
