# SPDX-License-Identifier: Apache-2.0
"""Files made to do harm: nothing of them runs, nothing outside them is read, nothing is unpacked beyond what memory holds."""

from __future__ import annotations

import ast
import pickle
import struct
import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest
from format_examples import npz_bytes
from PIL import Image

import depthbench
from depthbench.errors import DepthbenchError
from depthbench.formats import json_file, limits, toml_file
from depthbench.formats.grey_png import read_grey
from depthbench.formats.hdf5_file import array, child, texts
from depthbench.formats.image import decode_rgb, encode_png, image_size
from depthbench.formats.json_file import read_json
from depthbench.formats.odms_compact import read_compact
from depthbench.formats.plain_pickle import read_plain_pickle
from depthbench.formats.ply import read_ply
from depthbench.formats.toml_file import read_toml

SOURCES = sorted(Path(depthbench.__file__).parent.rglob("*.py"))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that announces many pixels."""
    good = encode_png(np.zeros((2, 2), np.uint8))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + header
    return good[:8] + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk)) + good[33:]


def test_pictures_of_too_many_pixels_are_not_decoded(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(bomb(15_000, 10_000))
    for read in (image_size, lambda path: read_grey(path, 8), lambda path: decode_rgb(path.read_bytes(), "it")):
        with pytest.raises(DepthbenchError, match="15000x10000 pixels"):
            read(path)


def test_postscript_is_no_picture(tmp_path: Path) -> None:
    """Pillow would start Ghostscript for it."""
    path = tmp_path / "page.png"
    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(path, format="EPS")
    with pytest.raises(DepthbenchError, match="not a readable image"):
        image_size(path)


def test_a_pickle_runs_nothing(tmp_path: Path) -> None:
    class Harm:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (open, (str(tmp_path / "harm"), "w"))  # type: ignore[return-value]

    path = tmp_path / "gt.pickle"
    path.write_bytes(pickle.dumps({"stereo_points": Harm()}))
    with pytest.raises(DepthbenchError, match="asks for"):
        read_plain_pickle(path)
    assert not (tmp_path / "harm").exists()


def test_a_pickle_cannot_ask_for_room(tmp_path: Path) -> None:
    path = tmp_path / "gt.pickle"
    path.write_bytes(b"\x80\x02]r\xff\xff\xff\x7f.")
    with pytest.raises(DepthbenchError, match="2147483647"):
        read_plain_pickle(path)


def test_text_has_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_file, "MOST_TEXT_BYTES", 100)
    monkeypatch.setattr(toml_file, "MOST_TOML_BYTES", 100)
    for name, content, read in (("a.json", "[" + "1," * 60 + "1]", read_json), ("a.toml", "#" * 101, read_toml)):
        (tmp_path / name).write_text(content)
        with pytest.raises(DepthbenchError, match="larger than 100 bytes"):
            read(tmp_path / name)
    (tmp_path / "deep.json").write_text("[" * 100)
    monkeypatch.setattr(json_file, "MOST_TEXT_BYTES", 10**6)
    (tmp_path / "deep.json").write_text("[" * 200_000)
    with pytest.raises(DepthbenchError, match="not valid JSON"):
        read_json(tmp_path / "deep.json")


def test_archives_do_not_unpack_beyond_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("depthbench.formats.odms_compact.MOST_ARRAY_BYTES", 1000)
    (tmp_path / "set.npz").write_bytes(npz_bytes(bits=np.zeros(2000, np.uint8)))
    with pytest.raises(DepthbenchError, match="unpacks to more than"):
        read_compact(tmp_path / "set.npz")


def test_ply_does_not_make_room_for_what_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "cloud.ply"
    path.write_bytes(
        b"ply\nformat binary_little_endian 1.0\nelement vertex 999999999999999\nproperty float x\nend_header\n"
    )
    with pytest.raises(DepthbenchError, match="0 of 999999999999999 rows"):
        read_ply(path)


def test_hdf5_stays_in_its_file_and_within_its_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["secret"] = np.arange(3)
    (tmp_path / "raw.bin").write_bytes(b"secret")
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["inside"] = np.zeros(3)
        file["soft"] = h5py.SoftLink("/inside")
        file["outside"] = h5py.ExternalLink("other.h5", "/secret")
        file.create_dataset("raw", shape=(6,), dtype="u1", external=[(str(tmp_path / "raw.bin"), 0, 6)])
        layout = h5py.VirtualLayout((3,), "i8")
        layout[:] = h5py.VirtualSource(tmp_path / "other.h5", "secret", (3,))
        file.create_virtual_dataset("virtual", layout)
        file.create_dataset("huge", shape=(2**40,), dtype="u1", chunks=(2**20,), compression="gzip")
        file.create_dataset("names", shape=(2**40,), dtype="S8", chunks=(2**20,))
    with h5py.File(path) as file:
        for name, fault in (
            ("soft", "link to elsewhere"), ("outside", "link to elsewhere"), ("raw", "another file"), ("virtual", "another file"),
            ("huge", "can unpack to"),
        ):  # fmt: skip
            with pytest.raises(ValueError, match=fault):
                child(file, name, h5py.Dataset)
        with pytest.raises(ValueError, match="can unpack to"):
            texts(file, "names")
        monkeypatch.setattr("depthbench.formats.hdf5_file.MOST_ARRAY_BYTES", 8)
        with pytest.raises(ValueError, match="24 bytes, more than 8"):
            array(file, "inside", "f8")


@pytest.mark.parametrize("told", ["{", "[1]", "[" * 100_000])
def test_weights_that_tell_nonsense_of_themselves(tmp_path: Path, told: str) -> None:
    torch = pytest.importorskip("torch")
    from safetensors.torch import save

    from depthbench.baselines.weights_file import read_metadata

    (tmp_path / "a.safetensors").write_bytes(save({"x": torch.zeros(1)}, {"depthbench": told}))
    with pytest.raises(DepthbenchError, match="tells of itself"):
        read_metadata(tmp_path / "a.safetensors")


def test_limits_leave_room_for_honest_files() -> None:
    """Booster's pictures have 4112 x 3008 pixels, cameras of phones up to 108 million."""
    limits.check_pixels(12_000, 9_000, "phone")


FORBIDDEN = {"eval", "exec", "compile", "__import__"}


def faults(path: Path) -> list[str]:
    """Calls of a source file that would run or unpack what a stranger wrote."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
        if (
            (called == "torch.load" and given.get("weights_only") != "True")
            or (called in ("np.load", "numpy.load") and given.get("allow_pickle") != "False")
            or called.startswith(("yaml.", "marshal.", "shelve.", "os.system", "pickle.load", "joblib."))
            or called.endswith((".extractall", ".extract"))
            or called in FORBIDDEN
            or given.get("shell", "False") != "False"
        ):
            found.append(f"{path.name}:{node.lineno}: {called}")
    return found


def test_sources_load_nothing_that_runs() -> None:
    """No pickle but the guarded one, torch.load with weights only, no archive extracted as a whole, no shell, no yaml."""
    assert [fault for path in SOURCES for fault in faults(path)] == []
