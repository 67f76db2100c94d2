# SPDX-License-Identifier: Apache-2.0
"""eval, score, table and list as a user types them, with good input and bad."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import stereo_layouts as layouts

from depthbench.cli import main
from depthbench.formats.disparity_files import read_disparity, write_disparity
from depthbench.formats.image import read_rgb
from depthbench.formats.pfm import read_pfm

MODEL = """
import numpy as np
from depthbench.tasks import StereoPrediction

class Flat:
    task = "stereo"
    def __init__(self, value=2.0, task="stereo"):
        self.value = value
        self.task = task
    def prepare(self, sample):
        return sample.left.shape[:2]
    def forward(self, shape):
        return np.full(shape, self.value, dtype=np.float32)
    def finish(self, disp, sample):
        return StereoPrediction(disp)

class NoModel:
    task = "stereo"
"""


def run(cwd: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run depthbench in a folder of its own, as a user does."""
    done = subprocess.run(
        [sys.executable, "-m", "depthbench", *words], capture_output=True, text=True, cwd=cwd, timeout=120
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture
def work(tmp_path: Path) -> Path:
    layouts.middlebury(tmp_path / "mb")
    layouts.layered(tmp_path / "tiny")
    (tmp_path / "mine.py").write_text(MODEL)
    return tmp_path


def test_eval_of_a_bundled_model_on_a_generated_folder(work: Path) -> None:
    pytest.importorskip("cv2")
    done = run(work, "eval", "--model", "sgbm", "--set", "tiny", "--format", "md")
    assert done.returncode == 0, done.stderr
    header = done.stderr.splitlines()[:3]
    assert [line.split()[0] for line in header] == ["model", "set", "protocol"]
    assert "layered v1" in header[2]
    assert "see-through-last-nocc" in done.stdout
    out = work / "runs" / "sgbm" / "layered-tiny"
    record = json.loads((out / "layered" / "record.json").read_text())
    assert str(Path("runs/sgbm/layered-tiny/layered/record.json")) in done.stderr
    assert record["aggregate"]["opaque"]["pixels" if "pixels" in record["aggregate"]["opaque"] else "epe"]["mean"] > 0
    assert len(record["samples"]) == 3
    assert record["run"]["command"].startswith("depthbench eval --model sgbm")
    picture = read_rgb(out / "layered" / "pictures.png")
    assert picture.shape[1] > 1000
    assert (out / "layered" / "table.md").read_text() in done.stdout
    assert (out / "layered" / "samples.csv").read_text().count("\n") == 4


def test_eval_of_an_outside_model_resumes_and_keeps_options_apart(work: Path) -> None:
    words = ["eval", "--model", "mine.py:Flat", "--model-option", "value=3", "--set", "middlebury-v3", "--root", "mb"]
    first = run(work, *words, "--format", "csv")
    assert first.returncode == 0, first.stderr
    saved = work / "runs" / "Flat-value=3" / "middlebury-v3-Q" / "predictions" / "Teddy.pfm"
    assert (read_pfm(saved) == 3).all()
    stamp = saved.stat().st_mtime_ns
    again = run(work, *words, "--format", "csv")
    assert again.stdout == first.stdout
    assert saved.stat().st_mtime_ns == stamp
    assert run(work, *words, "--overwrite", "all").returncode == 0
    assert saved.stat().st_mtime_ns != stamp
    clash = run(work, *[w.replace("value=3", "value=4") for w in words], "--out", "runs/Flat-value=3/middlebury-v3-Q")
    assert clash.returncode == 2
    assert "--overwrite all" in clash.stderr


def test_score_of_a_folder_anyone_made_in_three_formats(work: Path) -> None:
    """The truth as a prediction: PFM, NPY and a quarter-size PNG are all taken by the Middlebury protocol."""
    truth = work / "mb" / "trainingQ"
    (work / "pred").mkdir()
    write_disparity(work / "pred" / "Piano.pfm", read_pfm(truth / "Piano" / "disp0GT.pfm"))
    np.save(work / "pred" / "PianoL.npy", read_pfm(truth / "PianoL" / "disp0GT.pfm"))
    write_disparity(work / "pred" / "Teddy.pfm", read_pfm(truth / "Teddy" / "disp0GT.pfm")[::4, ::4] / 4)
    done = run(work, "score", "--predictions", "pred", "--set", "middlebury-v3", "--root", "mb", "--format", "json")
    assert done.returncode == 0, done.stderr
    record = json.loads((work / "runs" / "pred" / "middlebury-v3-Q" / "middlebury-sdk" / "record.json").read_text())
    values = {sample["id"]: sample["values"]["nocc"]["epe"] for sample in record["samples"]}
    assert values["Piano"] == values["PianoL"] == 0
    assert 0 < values["Teddy"] < 3
    assert json.loads(done.stdout)["rows"][0]["region"] == "nocc, weighted"


def test_failed_samples_are_named_and_the_exit_code_is_1(work: Path) -> None:
    truth = work / "mb" / "trainingQ"
    (work / "pred").mkdir()
    write_disparity(work / "pred" / "Piano.pfm", read_pfm(truth / "Piano" / "disp0GT.pfm"))
    (work / "pred" / "PianoL.pfm").write_bytes((work / "pred" / "Piano.pfm").read_bytes()[:-100])
    words = ["score", "--predictions", "pred", "--set", "middlebury-v3", "--root", "mb"]
    done = run(work, *words, "--format", "md")
    assert done.returncode == 1
    assert "failed: PianoL: pred/PianoL.pfm" in done.stderr
    assert "failed: Teddy: pred/Teddy.pfm: no prediction" in done.stderr
    assert "2 of them failed" in done.stdout
    assert "| nocc, weighted | – |" in done.stdout
    strict = run(work, *words, "--strict")
    assert strict.returncode == 2
    assert "PianoL.pfm" in strict.stderr
    assert len([line for line in strict.stderr.splitlines() if line.startswith("error:")]) == 1


def test_a_damaged_input_image_fails_its_sample_only(work: Path) -> None:
    image = work / "mb" / "trainingQ" / "Piano" / "im1.png"
    image.write_bytes(image.read_bytes()[:300])
    done = run(work, "eval", "--model", "mine.py:Flat", "--set", "middlebury-v3", "--root", "mb")
    assert done.returncode == 1
    assert "failed: Piano: " in done.stderr
    assert "im1.png: not a readable image" in done.stderr
    assert (work / "runs" / "Flat" / "middlebury-v3-Q" / "predictions" / "Teddy.pfm").exists()


def test_table_puts_records_side_by_side(work: Path) -> None:
    for value in ("2", "4"):
        words = ["eval", "--model", "mine.py:Flat", "--model-option", f"value={value}", "--set", "tiny"]
        assert run(work, *words).returncode == 0
    records = sorted(str(path.relative_to(work)) for path in work.glob("runs/*/*/layered/record.json"))
    done = run(work, "table", *records, "--format", "md", "--column", "all/epe")
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("| Flat")]
    means = [json.loads((work / path).read_text())["aggregate"]["all"]["epe"]["mean"] for path in records]
    printed = [float(row.split("|")[2].strip(" *")) for row in rows]
    assert printed == [pytest.approx(mean, abs=6e-4) for mean in means]
    best = rows[int(np.argmin(means))]
    assert "**" in best
    limited = run(work, "eval", "--model", "mine.py:Flat", "--set", "tiny", "--limit", "1", "--out", "short")
    assert limited.returncode == 0
    mixed = run(work, "table", records[0], "short/layered/record.json")
    assert mixed.returncode == 2
    assert "was one made with --limit" in mixed.stderr


def test_text_tables_fit_and_list_names_everything(work: Path) -> None:
    done = run(work, "eval", "--model", "mine.py:Flat", "--set", "middlebury-v3", "--root", "mb")
    assert done.returncode == 0
    assert max(len(line) for line in done.stdout.splitlines() if "│" in line) <= 80
    listed = run(work, "list")
    for word in ("sgbm", "middlebury-v3", "middlebury-sdk", "totbad_X", "cafe"):
        assert word in listed.stdout
    assert "gallery" in run(work, "list", "scenes").stdout
    assert "sgbm" not in run(work, "list", "scenes").stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--model", "sgmb", "--set", "tiny"], "did you mean sgbm"),
        (["--model", "mine.py:Flt", "--set", "tiny"], "did you mean Flat"),
        (["--model", "nowhere.py:Flat", "--set", "tiny"], "no such file"),
        (["--model", "mine.py:NoModel", "--set", "tiny"], "no method 'prepare'"),
        (["--model", "mine.py:Flat", "--model-option", "valu=1", "--set", "tiny"], "did you mean value"),
        (["--model", "mine.py:Flat", "--model-option", "value", "--set", "tiny"], "write it as key=value"),
        (["--model", "mine.py:Flat", "--model-option", "task=mono", "--set", "tiny"], "is for 'mono'"),
        (["--model", "mine.py:Flat", "--set", "tiny/nothing"], "no such folder"),
        (["--model", "mine.py:Flat", "--set", "kiti-2015"], "did you mean kitti-2015"),
        (["--model", "mine.py:Flat", "--set", "kitti-2015"], "cvlibs.net"),
        (["--model", "mine.py:Flat", "--set", "tiny", "--protocol", "layred"], "did you mean layered"),
        (["--model", "mine.py:Flat", "--set", "tiny", "--protocol", "none.toml"], "none.toml: no such file"),
        (
            ["--model", "mine.py:Flat", "--set", "middlebury-v3", "--root", "tiny"],
            "no trainingF, trainingH or trainingQ",
        ),
    ],
)
def test_mistakes_are_one_line_and_exit_code_2(
    work: Path, words: list[str], told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In this process, through the same door, since there are many of them."""
    monkeypatch.chdir(work)
    monkeypatch.delenv("DEPTHBENCH_DATA", raising=False)
    monkeypatch.setattr(sys, "argv", ["depthbench", "eval", *words])
    with pytest.raises(SystemExit) as leave:
        main()
    assert leave.value.code == 2
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error:")]
    assert len(errors) == 1
    assert told in errors[0]


def test_a_protocol_that_does_not_fit_fails_each_sample_in_words(work: Path) -> None:
    done = run(work, "eval", "--model", "mine.py:Flat", "--set", "tiny", "--protocol", "middlebury-sdk")
    assert done.returncode == 1
    assert "search range" in done.stderr


def test_truth_scale_is_named_in_folder_and_record(work: Path) -> None:
    done = run(work, "eval", "--model", "mine.py:Flat", "--set", "tiny", "--truth-scale", "2", "--format", "csv")
    assert done.returncode == 0, done.stderr
    record = json.loads((work / "runs" / "Flat" / "layered-tiny" / "layered@1-2" / "record.json").read_text())
    assert record["protocol"]["name"] == "layered@1/2"
    assert record["samples"][0]["values"]["all"]["pixels"] <= 32 * 48
    assert read_disparity(next((work / "runs").glob("*/*/predictions/*.pfm"))).shape == (64, 96)
