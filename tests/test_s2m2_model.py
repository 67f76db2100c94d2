# SPDX-License-Identifier: Apache-2.0
"""S2M2 as users run it: checkpoints, odd sizes, strips, faults told in one line."""

from __future__ import annotations

import hashlib
import itertools
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import stereo_layouts as layouts
import torch
import torch.nn.functional as F
from s2m2_fixture import textured_pair, with_fixture_weights

from depthbench.baselines.loading import load_model
from depthbench.baselines.s2m2.network import S2M2
from depthbench.baselines.s2m2.padding import Padding
from depthbench.baselines.s2m2.strips import in_strips, peak_bytes, rows_within, strip_tops
from depthbench.baselines.weights_file import file_sha256
from depthbench.benchmarks.predict import run_model
from depthbench.cli import main
from depthbench.errors import DepthbenchError, MissingExtraError
from depthbench.tasks import StereoSample


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """A file like the published ones, of the smallest network."""
    path = tmp_path / "CH8NTR1.pth"
    torch.save({"state_dict": with_fixture_weights(S2M2(8, 1)).state_dict(), "epoch": 3}, path)
    return path


def sample(height: int, width: int) -> StereoSample:
    left, right = textured_pair(height, width, 5)
    as_image = lambda x: x[0].permute(1, 2, 0).numpy().astype(np.uint8)  # noqa: E731
    return StereoSample("x", as_image(left), as_image(right))


def test_a_published_checkpoint_is_loaded_whole_and_its_licence_told(
    checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The size comes from the file, the prediction is the network's own on the same pixels."""
    loaded = load_model("s2m2", {"weights": str(checkpoint), "device": "cpu"})
    assert "CC BY-NC 4.0" in capsys.readouterr().err
    assert loaded.label == "s2m2-device=cpu-weights=CH8NTR1"
    assert loaded.model.weights_sha256 == file_sha256(checkpoint)
    pair = sample(32, 64)
    prediction, _, _ = run_model(loaded.model, pair)
    with torch.no_grad():
        left, right = (torch.from_numpy(eye).permute(2, 0, 1)[None].float() for eye in (pair.left, pair.right))
        disp, _, _ = with_fixture_weights(S2M2(8, 1))(left, right)
    np.testing.assert_array_equal(prediction.disp_px, disp[0, 0].numpy())


def test_files_that_are_no_checkpoint_are_refused_by_name(checkpoint: Path, tmp_path: Path) -> None:
    def refuse(path: Path, match: str) -> None:
        with pytest.raises(DepthbenchError, match=match):
            load_model("s2m2", {"weights": str(path)})

    state = torch.load(checkpoint, weights_only=True)["state_dict"]
    refuse(tmp_path / "absent.pth", r"absent\.pth: no such file")
    cases: dict[str, Any] = {
        "code.pth": {"state_dict": state, "model": Path("x")},
        "other.pth": {"state_dict": {"layer.weight": torch.zeros(3)}},
        "numbers.pth": {"state_dict": {"a": 1}},
        "list.pth": [1, 2],
    }
    for name, content in cases.items():
        torch.save(content, tmp_path / name)
    refuse(tmp_path / "code.pth", r"code\.pth: not a checkpoint of plain tensors")
    refuse(tmp_path / "other.pth", "not a checkpoint of S2M2")
    refuse(tmp_path / "numbers.pth", "holds no parameters")
    refuse(tmp_path / "list.pth", "holds no parameters")
    (tmp_path / "cut.pth").write_bytes(checkpoint.read_bytes()[:5000])
    refuse(tmp_path / "cut.pth", r"cut\.pth: not a checkpoint")
    with pytest.raises(DepthbenchError, match="needs --weights"):
        load_model("s2m2")
    with pytest.raises(DepthbenchError, match="did you mean float16"):
        load_model("s2m2", {"weights": str(checkpoint), "dtype": "float15"})


def test_a_checkpoint_that_nearly_fits_does_not(checkpoint: Path, tmp_path: Path) -> None:
    """One missing, one unknown, one of another shape: all told, none passed over."""
    state = torch.load(checkpoint, weights_only=True)["state_dict"]
    state["ctx_feat.9.bias"] = state.pop("ctx_feat.0.bias")
    state["ctx_feat.2.bias"] = torch.zeros(3)
    torch.save({"state_dict": state}, tmp_path / "near.pth")
    with pytest.raises(DepthbenchError) as caught:
        load_model("s2m2", {"weights": str(tmp_path / "near.pth")})
    for told in ("1 missing (ctx_feat.0.bias)", "1 unknown (ctx_feat.9.bias)", "1 of another shape (ctx_feat.2.bias)"):
        assert told in str(caught.value)


@pytest.mark.parametrize("size", [(33, 65), (31, 90), (64, 64), (1, 33)])
def test_a_border_is_added_and_cut_off_exactly(size: tuple[int, int]) -> None:
    padding = Padding(*size)
    image = torch.rand(1, 3, *size)
    padded = padding.pad(image)
    assert padded.shape[-2] % 32 == padded.shape[-1] % 32 == 0
    assert 0 <= padded.shape[-2] - size[0] < 32
    torch.testing.assert_close(padding.crop(padded), image, atol=0, rtol=0)
    assert padded.min() >= image.min()
    assert padded.max() <= image.max()


def test_an_odd_size_equals_the_padded_pair(checkpoint: Path) -> None:
    model: Any = load_model("s2m2", {"weights": str(checkpoint)}).model
    pair = sample(45, 70)
    prediction, _, _ = run_model(model, pair)
    with torch.no_grad():
        disp, _, _ = model.network(*model.prepare(pair))
    np.testing.assert_array_equal(prediction.disp_px, disp[0, 0, 9:54, 13:83].numpy())


def test_strips_of_a_local_network_are_seamless() -> None:
    """Seen from less than a quarter of the overlap away, a strip is as good as the whole."""
    reach = 31
    kernel = torch.rand(1, 3, 2 * reach + 1, 3)
    local = lambda left, right: (F.conv2d(left - right, kernel, padding=(reach, 1)),)  # noqa: E731
    left, right = textured_pair(704, 8, 2)
    for rows in (256, 288, 512, 704):
        (tiled,) = in_strips(local, left, right, rows)
        (whole,) = local(left, right)
        torch.testing.assert_close(tiled, whole, rtol=1e-4, atol=1e-1 * float(whole.abs().max()) * 1e-4)


@pytest.mark.parametrize("rows", [256, 288, 320, 512])
@pytest.mark.parametrize("height", [288, 512, 1024, 2048])
def test_strips_cover_every_row_on_the_network_s_grid(height: int, rows: int) -> None:
    tops = strip_tops(height, rows)
    assert tops[0] == 0
    assert tops[-1] + min(rows, height) == height
    assert all(top % 32 == 0 for top in tops)
    assert all(after - before <= rows - 128 for before, after in itertools.pairwise(tops))


def test_a_memory_limit_bounds_the_strip() -> None:
    """A Middlebury pair at full size with S in 3 GB; too little is told with what would do."""
    rows = rows_within(3.0, 2048, 2464, 128)
    assert rows % 32 == 0
    assert peak_bytes(rows, 2464, 128) <= 3e9 < peak_bytes(rows + 32, 2464, 128)
    assert rows_within(0, 2048, 2464, 128) == 2048
    with pytest.raises(DepthbenchError, match=r"a strip of 256 rows needs 1\.3 GB"):
        rows_within(0.5, 2048, 2464, 128)


def test_without_torch_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("s2m2", "s2m2_focus"):
        monkeypatch.delitem(sys.modules, f"depthbench.baselines.{name}.model", raising=False)
    monkeypatch.setitem(sys.modules, "torch", None)
    for name in ("s2m2", "s2m2-focus"):
        with pytest.raises(MissingExtraError, match=r'pip install "depthbench\[torch\]"'):
            load_model(name)


def test_half_precision_and_strips_are_options(checkpoint: Path) -> None:
    """Narrow and tall: the limit allows 256 of 384 rows."""
    pair = sample(384, 32)
    limit = peak_bytes(300, 32, 8) / 1e9
    for options in ({"dtype": "bfloat16"}, {"memory_gb": limit}):
        prediction, _, _ = run_model(load_model("s2m2", {"weights": str(checkpoint), **options}).model, pair)
        assert np.isfinite(prediction.disp_px).all()


def test_eval_with_weights_as_a_user_types_it(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The record names the file's hash, the folder its name; a model without weights says that it takes none."""
    layouts.layered(tmp_path / "tiny")
    monkeypatch.chdir(tmp_path)

    def type_in(*words: str) -> int:
        monkeypatch.setattr(sys, "argv", ["depthbench", "eval", "--set", "tiny", "--limit", "1", *words])
        with pytest.raises(SystemExit) as leave:
            main()
        return int(leave.value.code or 0)

    assert type_in("--model", "s2m2", "--weights", str(checkpoint), "--model-option", "refine_steps=1") == 0
    assert "CC BY-NC 4.0" in capsys.readouterr().err
    (record,) = Path("runs/s2m2-refine_steps=1-weights=CH8NTR1").rglob("record.json")
    told = json.loads(record.read_text())["model"]
    assert told["weights_sha256"] == hashlib.sha256(checkpoint.read_bytes()).hexdigest()
    assert type_in("--model", "sgbm", "--weights", str(checkpoint)) == 2
    assert "unknown option of model sgbm 'weights'" in capsys.readouterr().err
