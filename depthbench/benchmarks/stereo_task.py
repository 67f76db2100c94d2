# SPDX-License-Identifier: Apache-2.0
"""What the harness needs of the task ``stereo``: pairs without truth, disparity maps in files, scores, pictures."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from depthbench.benchmarks.pictures import draw_pictures
from depthbench.benchmarks.protocol import Protocol
from depthbench.benchmarks.score import SampleResult
from depthbench.benchmarks.scoring import score_prediction
from depthbench.benchmarks.sets.evaluation_set import group_of
from depthbench.benchmarks.sets.stereo_set import StereoSet
from depthbench.benchmarks.task import Values
from depthbench.errors import DepthbenchError
from depthbench.formats.disparity_files import find_prediction, read_disparity, write_disparity
from depthbench.tasks import StereoPrediction, StereoSample


class DisparityFiles:
    """``<id>.pfm`` per sample (a hole is +inf); other kinds of files, which anyone made, are read as well."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def has(self, sample_id: str) -> bool:
        """Tell whether there is ``<id>.pfm``."""
        return (self.folder / f"{sample_id}.pfm").exists()

    def write(self, sample_id: str, prediction: StereoPrediction) -> None:
        """Save a map."""
        write_disparity(self.folder / f"{sample_id}.pfm", prediction.disp_px)


class StereoTask:
    """See :class:`.task.BenchTask`."""

    saved = DisparityFiles

    def sample(self, opened: StereoSet, sample_id: str) -> StereoSample:
        """Return the pair."""
        return dataclasses.replace(opened.pair(sample_id), disp_px=None, nocc=None, layers=None)

    def check(self, prediction: StereoPrediction, sample: StereoSample) -> None:
        """Refuse a map that is not of the left image's size; the message has both sizes."""
        shape, wanted = np.shape(prediction.disp_px), sample.left.shape[:2]
        if shape != wanted:
            raise DepthbenchError(f"the model's map has the shape {shape}, the left image {wanted} (height, width)")

    def score(self, protocol: Protocol, opened: StereoSet, sample_id: str, saved: DisparityFiles) -> Values:
        """Read one sample's truth and its saved prediction, and score it."""
        path = find_prediction(saved.folder, sample_id)
        predicted_px = read_disparity(path)
        truth = opened.truth(sample_id)
        try:
            return score_prediction(protocol, truth, predicted_px, group_of(opened, sample_id))
        except DepthbenchError as error:
            raise DepthbenchError(f"{path}: {error}") from error

    def preview(self, path: Path, opened: StereoSet, ids: Sequence[str], saved: DisparityFiles) -> bool:
        """Write nothing."""
        return False

    def draw(
        self, path: Path, protocol: Protocol, opened: StereoSet, results: Sequence[SampleResult], saved: DisparityFiles
    ) -> bool:
        """Draw the samples that tell most."""
        return draw_pictures(path, protocol, opened, results, saved.folder)
