# SPDX-License-Identifier: Apache-2.0
"""Sweeps over c: which answers are surfaces, where their points lie, what pictures and page show, what users type wrong."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import zlib
from html.parser import HTMLParser
from pathlib import Path

import hypothesis.extra.numpy as arrays
import hypothesis.strategies as st
import numpy as np
import pytest
import stereo_layouts as layouts
from hypothesis import given
from PIL import Image

from depthbench.camera import Intrinsics, StereoRig
from depthbench.cli import main
from depthbench.formats.image import write_png
from depthbench.formats.ply import columns_of, read_ply
from depthbench.formats.shard import ShardReader
from depthbench.layers import Layers, SurfaceClass
from depthbench.sweep.cloud import points
from depthbench.sweep.page import levels_of, page
from depthbench.sweep.pictures import frame
from depthbench.sweep.run import Sweep
from depthbench.sweep.surfaces import fuse
from depthbench.tasks import StereoSample
from depthbench.viz import colour_disparity

MODEL = """
import numpy as np
from depthbench.tasks import StereoPrediction

class Steered:
    '''Near for c below a half, far from there on; the right picture's red channel says nothing.'''
    task = "stereo"
    def __init__(self, near=20.0, far=5.0):
        self.near, self.far = near, far
    def prepare(self, sample):
        return sample.left.shape[:2]
    def forward(self, shape):
        return np.full(shape, self.near, dtype=np.float32)
    def finish(self, disp, sample):
        return StereoPrediction(disp)
    def sweep(self, sample, values):
        full = lambda px: np.full(sample.left.shape[:2], px, dtype=np.float32)
        return [StereoPrediction(full(self.near if c < 0.5 else self.far)) for c in values]
"""


def by_the_definition(answers: list[tuple[float, float]], tolerance: float) -> list[tuple[float, float]]:
    """Twin of ``fuse`` for one pixel: (disparity, c) pairs in, (mean disparity, mean c) of surfaces out, front to back."""
    ends = {answers[0][1], answers[-1][1]}
    least = max(1, -(-len(answers) // 8))
    groups: list[list[tuple[float, float]]] = []
    for answer in sorted((a for a in answers if np.isfinite(a[0])), key=lambda a: -a[0]):
        if groups and np.float32(groups[-1][0][0]) - np.float32(answer[0]) <= tolerance:
            groups[-1].append(answer)
        else:
            groups.append([answer])
    kept = [group for group in groups if len(group) >= least or any(c in ends for _, c in group)]
    return [(float(np.mean([px for px, _ in g])), float(np.mean([c for _, c in g]))) for g in kept]


levels = st.sampled_from([np.nan, 0.0, 1.0, 1.5, 2.0, 7.0, 7.25, 30.0])


@given(disp_px=st.integers(2, 19).flatmap(lambda n: arrays.arrays(np.float32, (n, 2, 3), elements=levels)))
def test_surfaces_are_groups_of_answers(disp_px: np.ndarray) -> None:
    values = np.linspace(0, 1, len(disp_px)).tolist()
    surfaces = fuse(disp_px, values, 1.0)
    assert len(surfaces.disp_px) == surfaces.count.max()
    for row, column in np.ndindex(2, 3):
        wanted = by_the_definition(list(zip(disp_px[:, row, column].tolist(), values, strict=True)), 1.0)
        got = np.stack([surfaces.disp_px[:, row, column], surfaces.c[:, row, column]], axis=1)
        np.testing.assert_allclose(got[: len(wanted)], np.reshape(wanted, (-1, 2)), rtol=1e-5, atol=1e-6)
        assert np.isnan(got[len(wanted) :]).all()


def test_the_way_between_two_surfaces_is_none() -> None:
    """Glass at 20 px until c = 0.4, wall at 5 px from 0.6 on, something between at 0.5."""
    disp_px = np.array([20.2, 20, 20, 20, 19.8, 12, 5, 5, 5.1, 5, 4.9], dtype=np.float32)[:, None, None]
    surfaces = fuse(disp_px, np.linspace(0, 1, 11).tolist(), 1.0)
    np.testing.assert_allclose(surfaces.disp_px.ravel(), [20, 5], rtol=1e-5)
    np.testing.assert_allclose(surfaces.c.ravel(), [0.2, 0.8], rtol=1e-5)


def test_points_project_back_to_their_pixels() -> None:
    rig = StereoRig(Intrinsics(6, 4, 90.0, 80.0, 2.0, 1.5), 0.1, doffs=1.5)
    near = np.full((4, 6), 10.0, dtype=np.float32)
    far = np.where(np.arange(6) < 2, 4.0, np.nan).astype(np.float32) * np.ones((4, 1), np.float32)
    disp_px = np.stack([near, near, far, far])
    rgb = np.arange(72, dtype=np.uint8).reshape(4, 6, 3)
    cloud = points(fuse(disp_px, [0.0, 1 / 3, 2 / 3, 1.0], 1.0), rgb, rig)
    assert cloud["layer"].tolist() == [1] * 24 + [2] * 8
    np.testing.assert_allclose(np.unique(cloud["c"]), [1 / 6, 5 / 6], rtol=1e-5)
    xyz = columns_of(cloud, "x", "y", "z")
    pixels = rig.intrinsics.project(xyz)
    column, row = np.rint(pixels).astype(int).T
    np.testing.assert_allclose(pixels, np.stack([column, row], axis=1), atol=1e-4)
    np.testing.assert_array_equal(columns_of(cloud, "red", "green", "blue"), rgb[row, column])
    back = rig.disparity_from_depth(xyz[:, 2])
    np.testing.assert_allclose(back, np.where(cloud["layer"] == 1, 10, 4), rtol=1e-5)


def test_nothing_found_makes_no_points() -> None:
    rig = StereoRig(Intrinsics.centred(3, 2, 50.0), 0.1)
    nothing = fuse(np.full((4, 2, 3), np.nan, dtype=np.float32), [0, 0.3, 0.6, 1], 1.0)
    assert len(points(nothing, np.zeros((2, 3, 3), np.uint8), rig)) == 0


def type_in(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["depthbench", "sweep", *map(str, words)])
    with pytest.raises(SystemExit) as leave:
        main()
    return int(leave.value.code or 0)


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two pictures of 96x64, a model file, a generated folder."""
    made = layouts.record(1)
    write_png(tmp_path / "L.png", made.left.image)
    write_png(tmp_path / "R.png", made.right.image)
    (tmp_path / "mine.py").write_text(MODEL)
    layouts.layered(tmp_path / "tiny", seeds=(1,))
    monkeypatch.chdir(tmp_path)
    return tmp_path


PAIR = ("--model", "mine.py:Steered", "--left", "L.png", "--right", "R.png")


def test_a_folder_gets_every_kind(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    trimesh = pytest.importorskip("trimesh")
    assert type_in(monkeypatch, *PAIR, "--focal-px", 100, "--baseline-m", 0.2, "--n", 6, "--out", "pictures") == 0
    assert "pictures/sweep.ply  12288 points" in capsys.readouterr().out
    with Image.open("pictures/sweep.gif") as gif:
        assert gif.n_frames == 10  # type: ignore[attr-defined]
    with Image.open("pictures/sweep.png") as png:
        assert min(png.size) > 300
    cloud = trimesh.load("pictures/sweep.ply")
    depths, numbers = np.unique(np.round(cloud.vertices[:, 2], 4), return_counts=True)
    np.testing.assert_allclose(depths, [1.0, 4.0])
    assert numbers.tolist() == [96 * 64] * 2
    left = np.asarray(Image.open("L.png"))
    np.testing.assert_array_equal(cloud.colors[: 96 * 64, :3], left.reshape(-1, 3))


def test_without_a_camera_there_are_no_points(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert type_in(monkeypatch, *PAIR, "--out", "all", "--out", "one.PNG") == 0
    assert sorted(path.name for path in (work / "all").iterdir()) == ["sweep.gif", "sweep.html", "sweep.png"]
    assert (work / "one.PNG").is_file()


def test_calib_txt_gives_the_camera(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Middlebury writes it: millimetres, and doffs added to disparities."""
    layouts.middlebury(work / "mb", ("Piano",))
    calib = work / "mb" / "trainingQ" / "Piano" / "calib.txt"
    assert type_in(monkeypatch, *PAIR, "--calib", calib, "--out", "a.ply") == 0
    vertex = read_ply("a.ply")["vertex"]
    np.testing.assert_allclose(np.unique(vertex["z"]), [86.4 * 0.193001 / (px + 1.5) for px in (20, 5)], rtol=1e-6)


class Links(HTMLParser):
    """Collects what a page would fetch."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [str(value) for name, value in attrs if name in ("src", "href", "srcset", "data")]


def test_the_page_holds_everything(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sample of a folder: its left picture, the answers and the true layers are in the page, and nothing is fetched."""
    words = (
        "--model",
        "mine.py:Steered",
        "--sample",
        f"tiny:{layouts.record(1).id}",
        "--out",
        "a.html",
        "--out",
        "a.ply",
    )
    assert type_in(monkeypatch, *words) == 0
    text = Path("a.html").read_text()
    (picture,) = Links(text).found
    assert picture.startswith("data:image/png;base64,")
    assert not re.search(r"https?://|@import|url\(", text.replace(picture, ""))
    data = json.loads(re.search(r"const data = (\{.*\});", text).group(1))  # type: ignore[union-attr]
    with ShardReader(next(Path("tiny").rglob("*.h5"))) as reader:
        truth, rig = reader.layers(0, "left").disp_px, reader.rig(0)
    unpacked = {
        key: np.frombuffer(zlib.decompress(base64.b64decode(data[key])), np.uint8).reshape(-1, 64, 96)
        for key in ("answers", "truth")
    }
    low, high = data["low"], data["high"]
    assert (low, high) == (float(np.nanmin(truth)), float(np.nanmax(truth)))
    back = np.where(unpacked["truth"] > 0, low + (high - low) * (unpacked["truth"] - 1.0) / 254, np.nan)
    np.testing.assert_allclose(back, truth, atol=(high - low) / 500)
    assert len(unpacked["answers"]) == len(data["values"]) == 11
    assert data["focal_baseline"] == pytest.approx(rig.intrinsics.fx * rig.baseline_m)


HARNESS = """
const drawn = {};
const element = id => ({id, style: {}, value: "0", addEventListener() {}, remove() {}, textContent: "",
  getContext: () => new Proxy({createImageData: (w, h) => ({data: new Uint8ClampedArray(4 * w * h)}),
    putImageData: image => { drawn[id] = Array.from(image.data); }}, {get: (own, name) => own[name] ?? (() => {})})});
const known = {};
globalThis.document = {getElementById: id => known[id] ??= element(id)};
document.getElementById("c").value = "%d";
"""


@given(
    layers=arrays.arrays(np.float32, (3, 2, 2), elements=st.sampled_from([1.0, 4.0, 9.0, 25.0])),
    count=arrays.arrays(np.int64, (2, 2), elements=st.integers(0, 3)),
    opaque=st.booleans(),
    number=st.integers(0, 4),
)
def test_the_true_layer_for_c_is_the_one_that_training_asks_for(
    layers: np.ndarray, count: np.ndarray, opaque: bool, number: int
) -> None:
    """By the other implementation; where no surface ends the ray, the sky at disparity 0 does."""
    torch = pytest.importorskip("torch")
    from depthbench.baselines.s2m2_focus.condition import take_layer, target_index

    place = np.arange(3)[:, None, None]
    disp_px = np.where(place < count, -np.sort(-layers, axis=0), np.float32(np.nan))
    kinds = np.where(place < count, SurfaceClass.TRANSMISSIVE, SurfaceClass.NONE).astype(np.uint8)
    kinds[(place == count - 1) & opaque] = SurfaceClass.OPAQUE
    nothing = np.zeros_like(kinds)
    truth = Layers(disp_px, nothing.astype(np.int32), kinds, nothing)
    picture = np.zeros((2, 2, 3), np.uint8)
    with_sky = np.where((place == count) & truth.sky, 0, disp_px)
    with_sky = np.concatenate([with_sky, np.where((count == 3) & truth.sky, 0, np.nan)[None]]).astype(np.float32)
    for rule in ("behind", "closest"):
        values = (0.0, 0.25, 0.5, 0.75, 1.0)
        sample = StereoSample("x", picture, picture, layers=truth)
        sweep = Sweep(sample, "m", values, np.zeros((5, 2, 2), np.float32), rule)
        largest = np.nanmax(with_sky) if np.isfinite(with_sky).any() else 1.0
        reference = torch.tensor((1 - values[number]) * largest)
        tensor = torch.from_numpy(with_sky)
        wanted = take_layer(tensor, target_index(tensor, reference, rule))  # type: ignore[arg-type]
        np.testing.assert_array_equal(sweep.target(number), wanted.numpy())


@pytest.mark.parametrize(("number", "rule"), [(0, "behind"), (2, "behind"), (3, "closest")])
def test_the_page_s_script_draws_what_the_pictures_show(number: int, rule: str, tmp_path: Path) -> None:
    """Run outside a browser: the answer and the true layer for a value of c, in the colours of the still picture."""
    made = layouts.record(2)
    rng = np.random.default_rng(0)
    layers = made.left.layers
    answers = rng.uniform(*np.nanquantile(layers.disp_px, [0, 1]), (5, 64, 96)).astype(np.float32)
    answers[:, :3] = np.nan
    sweep = Sweep(
        StereoSample("a <b>", made.left.image, made.right.image, layers=layers), "m", (0, 0.25, 0.5, 0.75, 1), answers
    )
    text = page(sweep)
    assert "<b>" not in text
    script = re.search(r"<script>(.*)</script>", text, re.DOTALL).group(1)  # type: ignore[union-attr]
    (tmp_path / "page.js").write_text(
        HARNESS % number + script.replace("\nmain();", "\nmain().then(() => console.log(JSON.stringify(drawn)));")
    )
    try:
        done = subprocess.run(["node", tmp_path / "page.js"], capture_output=True, text=True, timeout=60)
    except FileNotFoundError:
        pytest.skip("node is not installed")
    assert done.returncode == 0, done.stderr
    drawn = {name: np.array(values).reshape(-1, 4)[:, :3] for name, values in json.loads(done.stdout).items()}
    target = sweep.target(number)
    assert target is not None
    for name, disp_px in (("answer", answers[number]), ("target", target)):
        wanted = colour_disparity(disp_px, *sweep.limits_px).reshape(-1, 3).astype(int)
        # colours of neighbouring steps differ by a few units
        assert np.abs(drawn[name] - wanted).max() <= 12
        assert (drawn[name].any(axis=1) == wanted.any(axis=1)).all()


def test_frames_show_the_range_that_all_share() -> None:
    """Panels of two values of c, equal where the answers are equal, whatever the rest does."""
    answers = np.full((3, 64, 96), 10.0, dtype=np.float32)
    answers[1, :, 48:], answers[2, :, 48:] = 20.0, 30.0
    made = layouts.record(1)
    sweep = Sweep(StereoSample("x", made.left.image, made.right.image), "m", (0.0, 0.5, 1.0), answers)
    assert sweep.limits_px == (10.0, 30.0)
    frames = [frame(sweep, number).astype(int) for number in range(3)]
    low, high = (colour_disparity(np.full((1, 1), value), 10, 30)[0, 0] for value in (10.0, 30.0))
    shows = [[(np.abs(one - colour).sum(axis=2) == 0).sum() > 5000 for colour in (low, high)] for one in frames]
    assert shows == [[True, False], [True, False], [True, True]]


def test_levels_end_at_the_range_and_keep_holes() -> None:
    disp_px = np.array([[np.nan, np.inf, -5, 10, 20, 99]], dtype=np.float32)
    assert levels_of(disp_px, 10, 20).tolist() == [[0, 0, 1, 1, 255, 255]]
    assert levels_of(np.full((1, 1), 3.0, np.float32), 3, 3).tolist() == [[1]]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--out", "a.png"), "give --left L.png --right R.png, or --sample DIR:ID"),
        (("--left", "L.png", "--out", "a.png"), "give --left L.png --right R.png"),
        (("--left", "none.png", "--right", "R.png", "--out", "a.png"), "none.png: no such file"),
        (("--left", "tiny", "--right", "R.png", "--out", "a.png"), "tiny: a folder, not a picture"),
        (("--left", "mine.py", "--right", "R.png", "--out", "a.png"), "mine.py: not a readable image"),
        (("--left", "L.png", "--right", "small.png", "--out", "a.png"), "L.png is 96x64, small.png is 48x32"),
        ((*PAIR, "--out", "a.jpg"), "a.jpg: ends in .jpg, not in one of .gif .png .html .ply"),
        ((*PAIR, "--out", "a.ply"), "a.ply: points need the camera"),
        ((*PAIR, "--focal-px", "9", "--out", "a.ply"), "--focal-px with --baseline-m"),
        ((*PAIR, "--calib", "none.txt", "--out", "a.ply"), "none.txt: no such file"),
        ((*PAIR, "--sample", "tiny:x", "--out", "a.png"), "--sample has its own pictures and camera"),
        (("--sample", "tiny", "--out", "a.png"), "write DIR:ID"),
        (("--sample", "tiny:x", "--out", "a.png"), "unknown sample of tiny 'x'"),
        (("--sample", "none:x", "--out", "a.png"), "none: no such folder"),
        ((*PAIR, "--model", "sgbn", "--out", "a.png"), "did you mean sgbm"),
        ((*PAIR, "--model", "mine.py:Other", "--out", "a.png"), "unknown object in mine.py 'Other'"),
        ((*PAIR, "--model-option", "c=0.3", "--out", "a.png"), "the sweep goes through all of c"),
        ((*PAIR, "--model-option", "nea=3", "--out", "a.png"), "did you mean near"),
    ],
)
def test_mistakes_get_one_line(
    work: Path,
    words: tuple[str, ...],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_png(work / "small.png", np.zeros((32, 48, 3), np.uint8))
    before = sorted(work.iterdir())
    assert type_in(monkeypatch, *words) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert told in line
    assert sorted(work.iterdir()) == before


def test_a_model_that_is_not_steered_is_told_which_are(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("cv2")
    pytest.importorskip("torch")
    assert type_in(monkeypatch, *PAIR, "--model", "sgbm", "--out", "a.png") == 2
    assert (
        "model sgbm: not steered by c, so there is nothing to sweep; use --model s2m2-focus" in capsys.readouterr().err
    )


def test_a_calibration_of_another_size_is_refused(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("calib.txt").write_text("cam0=[90 0 47.5; 0 90 31.5; 0 0 1]\nbaseline=193\nwidth=192\nheight=128\n")
    assert type_in(monkeypatch, *PAIR, "--calib", "calib.txt", "--out", "a.ply") == 2
    assert "calib.txt: for pictures of 192x128, these are 96x64" in capsys.readouterr().err
