# SPDX-License-Identifier: Apache-2.0
"""Archives for boards, read back by other means than they were written: names, formats, times; and what is refused."""

from __future__ import annotations

import dataclasses
import io
import re
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import stereo_layouts as layouts
from PIL import Image

from depthbench.benchmarks.boards import BOARDS
from depthbench.benchmarks.sets.opening import open_set
from depthbench.benchmarks.submission import submit
from depthbench.errors import DepthbenchError
from depthbench.formats.disparity_files import write_disparity
from depthbench.registry import lookup

NAN = np.float32(np.nan)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Boards of two samples per split, so that a made-up set is a whole one."""
    for reference in BOARDS:
        board = lookup("board", reference, BOARDS)
        monkeypatch.setattr(board, "parts", tuple(dataclasses.replace(part, official=2) for part in board.parts))


def disparity(number: int, hole: bool = False) -> np.ndarray:
    disp_px = np.random.default_rng(number).uniform(0.5, 200, (64, 96)).astype(np.float32)
    if hole:
        disp_px[5, 7] = NAN
    return disp_px


def predict(folder: Path, ids: list[str], hole: bool = False, seconds: float | None = None) -> Path:
    for number, sample_id in enumerate(ids):
        write_disparity(folder / f"{sample_id}.pfm", disparity(number, hole and number == 0))
    if seconds is not None:
        lines = [f'{{"id": "{i}", "forward_s": 0.1, "total_s": {seconds + n}}}\n' for n, i in enumerate(ids)]
        (folder / "times.jsonl").write_text("".join(lines))
    return folder


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def plain_pfm(data: bytes) -> np.ndarray:
    """PFM by its description alone: three header lines, then rows from the bottom up."""
    kind, size, scale, rest = data.split(b"\n", 3)
    width, height = map(int, size.split())
    assert kind == b"Pf"
    order = "<" if float(scale) < 0 else ">"
    return np.array(struct.unpack(f"{order}{width * height}f", rest), dtype=np.float32).reshape(height, width)[::-1]


def png16(data: bytes) -> np.ndarray:
    image = Image.open(io.BytesIO(data))
    assert image.format == "PNG"
    assert struct.unpack(">B", data[24:25]) == (16,)  # the bit depth that the header states
    return np.asarray(image).astype(np.int64)


@pytest.mark.usefixtures("few")
def test_middlebury_dense_and_sparse(tmp_path: Path) -> None:
    root = layouts.middlebury(
        layouts.middlebury(tmp_path / "set", ("Piano", "Teddy"), "H"), ("Hoops", "Plants"), "H", "test"
    )
    training = predict(tmp_path / "p", ["Piano", "Teddy"], seconds=2.5)
    test = predict(tmp_path / "q", ["Hoops", "Plants"])
    with pytest.raises(DepthbenchError, match="give --seconds"):
        submit("middlebury-v3", [training, test], tmp_path / "x.zip", root, method="Mine")
    alone = submit("middlebury-v3", [training], tmp_path / "alone.zip", root, method="My-Net_2")
    assert any(note.startswith("test: left out (no prediction") for note in alone.notes)
    files = contents(alone.path)
    assert sorted(files) == [
        "trainingH/Piano/disp0My-Net_2.pfm",
        "trainingH/Piano/timeMy-Net_2.txt",
        "trainingH/Teddy/disp0My-Net_2.pfm",
        "trainingH/Teddy/timeMy-Net_2.txt",
    ]
    np.testing.assert_array_equal(plain_pfm(files["trainingH/Teddy/disp0My-Net_2.pfm"]), disparity(1))
    assert float(files["trainingH/Teddy/timeMy-Net_2.txt"]) == 3.5
    predict(tmp_path / "q", ["Hoops", "Plants"], hole=True)
    both = submit("middlebury-v3", [training, test], tmp_path / "both.zip", root, method="Mine", seconds=0.25)
    files = contents(both.path)
    assert both.samples == 4
    assert len(files) == 8
    # One hole makes the whole submission a sparse one.
    assert all("_s.pfm" in name for name in files if name.endswith("pfm"))
    back = plain_pfm(files["testH/Hoops/disp0Mine_s.pfm"])
    assert np.isposinf(back[5, 7])
    assert np.isfinite(np.delete(back.ravel(), 5 * 96 + 7)).all()
    assert files["testH/Hoops/timeMine.txt"] == b"0.25"
    for name in ("", "no spaces", "../x"):
        with pytest.raises(DepthbenchError, match="--method NAME"):
            submit("middlebury-v3", [training], tmp_path / "x.zip", root, method=name)
    assert not (tmp_path / "x.zip").exists()


@pytest.mark.usefixtures("few")
def test_eth3d(tmp_path: Path) -> None:
    root = layouts.eth3d(layouts.eth3d(tmp_path / "set"), ("lakeside_1l", "sand_box_1s"), "test")
    ids = ["delivery_area_1l", "forest_2s", "lakeside_1l", "sand_box_1s"]
    folder = predict(tmp_path / "p", ids, hole=True, seconds=1.0)
    made = submit("eth3d", [folder], tmp_path / "eth3d.zip", root)
    files = contents(made.path)
    assert sorted(files) == sorted(f"low_res_two_view/{name}.{suffix}" for name in ids for suffix in ("pfm", "txt"))
    assert files["low_res_two_view/sand_box_1s.txt"] == b"runtime 4"
    assert np.isposinf(plain_pfm(files["low_res_two_view/delivery_area_1l.pfm"])[5, 7])
    np.testing.assert_array_equal(plain_pfm(files["low_res_two_view/lakeside_1l.pfm"]), disparity(2))
    assert any("0.004 % of the pixels are holes" in note for note in made.notes)
    again = submit("eth3d", [folder], tmp_path / "again.zip", root)
    assert again.path.read_bytes() == made.path.read_bytes()


@pytest.mark.usefixtures("few")
def test_kitti(tmp_path: Path) -> None:
    root = layouts.kitti(tmp_path / "set", split="testing")
    folder = predict(tmp_path / "p", ["000000_10", "000001_10"], hole=True)
    large = disparity(1)
    large[0, :3] = (300, 0, -4)
    write_disparity(folder / "000001_10.pfm", large)
    made = submit("kitti-2015", [folder], tmp_path / "kitti.zip", root)
    files = contents(made.path)
    assert sorted(files) == ["disp_0/000000_10.png", "disp_0/000001_10.png"]
    back = png16(files["disp_0/000000_10.png"])
    assert back[5, 7] == 0
    there = np.isfinite(disparity(0, hole=True))
    assert np.abs(back[there] / 256 - disparity(0)[there]).max() <= 1 / 256
    assert png16(files["disp_0/000001_10.png"])[0, :3].tolist() == [65535, 1, 1]
    assert any("1 pixels above 255.996" in note for note in made.notes)
    assert any("1 pixels are below 0" in note for note in made.notes)


@pytest.mark.usefixtures("few")
def test_booster(tmp_path: Path) -> None:
    root = layouts.booster(tmp_path / "set", ("Balance",), split="test")
    layouts.booster(root, ("Balance",), split="test", setup="unbalanced")
    ids = ["balanced/Balance/im0", "balanced/Balance/im1"]
    folder = predict(tmp_path / "p", ids)
    files = contents(submit("booster", [folder], tmp_path / "b.zip", root).path)
    assert sorted(files) == ["balanced/Balance/im0.png", "balanced/Balance/im1.png"]
    assert np.abs(png16(files["balanced/Balance/im1.png"]) / 64 - disparity(1)).max() <= 1 / 128
    predict(folder, [name.replace("balanced", "unbalanced") for name in ids])
    both = contents(submit("booster", [folder], tmp_path / "c.zip", root).path)
    assert sorted({name.split("/")[0] for name in both}) == ["balanced", "unbalanced"]
    write_disparity(folder / "balanced/Balance/im0.pfm", disparity(0, hole=True))
    with pytest.raises(DepthbenchError, match=r"im0\.pfm: 0\.02 % holes.*no mark"):
        submit("booster", [folder], tmp_path / "d.zip", root)


@pytest.mark.usefixtures("few")
def test_what_is_wrong_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    root = layouts.kitti(tmp_path / "set", split="testing")
    folder, out = predict(tmp_path / "p", ["000000_10"]), tmp_path / "x.zip"

    def refused(told: str, *folders: Path) -> None:
        with pytest.raises(DepthbenchError, match=told):
            submit("kitti-2015", folders or [folder], out, root)
        assert not out.exists()

    refused(r"1 of 2 samples have no prediction \(000001_10\)")
    write_disparity(folder / "000001_10.pfm", np.ones((64, 95), dtype=np.float32))
    refused(r"000001_10\.pfm: the map is 95x64.*96x64")
    (folder / "000001_10.pfm").write_bytes(b"Pf\n96 64\n-1\n")
    refused(r"000001_10\.pfm: .*damaged")
    predict(folder, ["000000_10", "000001_10"])
    refused("a prediction in .*p and one in .*q", folder, predict(tmp_path / "q", ["000001_10"]))
    (tmp_path / "empty").mkdir()
    refused("no prediction for any sample", tmp_path / "empty")
    layouts.kitti(root, frames=3, split="testing")
    predict(folder, ["000000_10", "000001_10", "000002_10"])
    refused("3 samples of testing, where the board of kitti-2015 has 2")
    with pytest.raises(DepthbenchError, match="unknown board 'sceneflow'"):
        submit("sceneflow", [folder], out, root)


def test_boards_are_whole_when_their_official_number_is_there(tmp_path: Path) -> None:
    root = layouts.kitti(tmp_path / "set", split="testing")
    folder = predict(tmp_path / "p", ["000000_10", "000001_10"])
    with pytest.raises(DepthbenchError, match="2 samples of testing, where the board of kitti-2015 has 200"):
        submit("kitti-2015", [folder], tmp_path / "x.zip", root)


@pytest.mark.parametrize(
    ("name", "options", "ids"),
    [
        ("middlebury-v3", {"split": "test"}, ["Hoops", "Plants"]),
        ("eth3d", {"split": "test"}, ["lakeside_1l", "sand_box_1s"]),
        ("kitti-2015", {"split": "testing"}, ["000000_10", "000001_10"]),
    ],
)
def test_splits_without_truth_have_pictures_alone(
    tmp_path: Path, name: str, options: dict[str, str], ids: list[str]
) -> None:
    layouts.middlebury(layouts.middlebury(tmp_path / "middlebury-v3"), ("Hoops", "Plants"), split="test")
    layouts.eth3d(layouts.eth3d(tmp_path / "eth3d"), ("lakeside_1l", "sand_box_1s"), "test")
    layouts.kitti(layouts.kitti(tmp_path / "kitti-2015"), split="testing")
    opened = open_set(name, tmp_path / name, options)
    assert opened.ids() == ids
    assert opened.label.startswith("test")
    assert all(path.is_file() for path in opened.files(ids[0]))
    np.testing.assert_array_equal(opened.pair(ids[1]).left.shape, (64, 96, 3))
    with pytest.raises(DepthbenchError, match=r"no public truth.*depthbench submit"):
        opened.truth(ids[0])
    with pytest.raises(DepthbenchError, match="did you mean"):
        open_set(name, tmp_path / name, {"split": "tst"})
    assert "test" not in open_set(name, tmp_path / name).label


def test_from_eval_to_archive_as_a_user_types_it(tmp_path: Path) -> None:
    """eval of a test split predicts and scores nothing; score refuses it; submit packs 200 frames."""
    layouts.kitti(tmp_path / "set", frames=200, split="testing")
    (tmp_path / "mine.py").write_text(
        "import numpy as np\nfrom depthbench.tasks import StereoPrediction\n\n\nclass Flat:\n    task = 'stereo'\n"
        "    def prepare(self, sample):\n        return sample.left.shape[:2]\n"
        "    def forward(self, shape):\n        return np.full(shape, 7.5, dtype=np.float32)\n"
        "    def finish(self, disp, sample):\n        return StereoPrediction(disp)\n"
    )

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "depthbench", *words, "--set", "kitti-2015", "--root", "set"]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=120)

    done = run("eval", "--model", "mine.py:Flat", "--set-option", "split=testing")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    folder = re.search(r"predictions alone, in (\S+)", done.stderr)[1]
    assert folder == "runs/Flat/kitti-2015-testing/predictions"
    refused = run("score", "--predictions", folder, "--set-option", "split=testing")
    assert refused.returncode == 2
    assert "no public truth" in refused.stderr
    packed = run("submit", "--predictions", folder, "--out", "kitti.zip")
    assert packed.returncode == 0, packed.stderr
    assert packed.stdout == "kitti.zip: 200 samples\n"
    files = contents(tmp_path / "kitti.zip")
    assert (png16(files["disp_0/000199_10.png"]) == 7.5 * 256).all()
