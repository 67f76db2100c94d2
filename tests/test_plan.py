# SPDX-License-Identifier: Apache-2.0
"""Which samples there are, which are missing, whose random numbers are whose: without Blender."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic import synthetic_record, synthetic_surfaces

from depthbench.errors import DepthbenchError
from depthbench.formats.shard import write_shard
from depthbench.generators.config_file import differing_keys
from depthbench.generators.draws import attempt_rng, scene_entropy, scene_rng, view_rng
from depthbench.generators.layered import make_config, open_folder
from depthbench.generators.layered_config import LayeredConfig
from depthbench.generators.plan import asked_views, count_settled, plan, shard_path, staged_path, tidy
from depthbench.generators.presets import PRESETS
from depthbench.generators.progress import duration
from depthbench.generators.run_files import RunLog, read_log
from depthbench.generators.run_lock import only_run
from depthbench.generators.set_config import load_config


def config(views_per_scene: int = 3, scenes: tuple[str, ...] = ("cafe", "gallery"), **changes: object) -> LayeredConfig:
    """Return a configuration."""
    values = {"seed": 1, "width": 96, "height": 64, "preset": "preview", "render": PRESETS["preview"]}
    return LayeredConfig(
        **(values | changes),  # type: ignore[arg-type]
        scenes=scenes,
        scene_digests=("",) * len(scenes),
        views_per_scene=views_per_scene,
    )


def write_views(path: Path, scene: int, views: list[int], without: list[int] | None = None) -> None:
    """Write a shard of synthetic samples."""
    records = [synthetic_record(0, view, width=24, height=16, scene=scene) for view in views]
    attrs = {"without": {str(view): {"clearance": 40} for view in without or []}}
    write_shard(path, records, surfaces=synthetic_surfaces(), attrs=attrs)


@given(
    n=st.integers(1, 300),
    per_scene=st.integers(1, 50) | st.fractions(1, 50, max_denominator=5000),
    count=st.integers(1, 4),
)
def test_samples_fall_into_scenes_as_defined(n: int, per_scene: int | Fraction, count: int) -> None:
    """Sample i is in scene floor(i / V), views counted from 0, environments in turn; an empty folder lacks all of them."""
    names = ("cafe", "gallery", "cafe", "gallery")[:count]
    settings = config(per_scene, names)
    expected, seen = [], Counter[int]()
    for i in range(n):
        scene = int(Fraction(i) / per_scene)
        expected.append((scene, seen[scene]))
        seen[scene] += 1
    assert all(len(settings.views(scene)) == seen[scene] for scene in range(max(seen)))
    assert {len(settings.views(scene)) for scene in seen} <= {int(per_scene), int(per_scene) + 1}
    assert LayeredConfig.from_json(json.loads(json.dumps(settings.to_json()))) == settings
    assert [settings.place(i) for i in range(n)] == expected
    assert [(scene, view) for scene, views in asked_views(settings, n) for view in views] == expected
    plans = plan(settings, n, Path("/nonexistent"))
    assert [(item.scene, view) for item in plans for view in item.views] == expected
    for scene, view in expected:
        assert settings.sample_id(scene, view) == f"{names[scene % count]}-{scene:06d}-{view:04d}"


def test_finished_files_are_the_state(tmp_path: Path) -> None:
    """A whole shard, a shard to extend, a scene under way with an impossible view, an untouched one."""
    write_views(shard_path(tmp_path, 0), 0, [0, 1, 2])
    write_views(shard_path(tmp_path, 1), 1, [0], without=[1])
    write_views(staged_path(tmp_path, 2, 1), 2, [1])
    staged_path(tmp_path, 2, 0).with_suffix(".json").write_text("{}")
    settings = config()
    assert [(p.scene, p.views) for p in plan(settings, 11, tmp_path)] == [(1, (2,)), (2, (2,)), (3, (0, 1))]
    assert count_settled(settings, 11, tmp_path) == 7
    assert count_settled(settings, 5, tmp_path) == 5
    # of the two new ones that the limit allows the first completes scene 1; scene 2 has staged views to assemble
    assert [(p.scene, p.views) for p in plan(settings, 11, tmp_path, limit=1)] == [(1, (2,)), (2, ())]
    assert [(p.scene, p.views) for p in plan(settings, 3, tmp_path)] == []


def test_what_killed_processes_left_goes(tmp_path: Path) -> None:
    """Half-written files, and staged views already in their shard; views not yet in it stay."""
    write_views(shard_path(tmp_path, 0), 0, [0, 1])
    write_views(staged_path(tmp_path, 0, 1), 0, [1])
    write_views(staged_path(tmp_path, 1, 0), 1, [0])
    halves = [
        tmp_path / ".tmp-1-config.json",
        tmp_path / "shards/.tmp-2-x.h5",
        tmp_path / "staging/scene-000001/.tmp-3-y.h5",
    ]
    for half in halves:
        half.write_text("half")
    tidy(tmp_path)
    assert not any(half.exists() for half in halves)
    assert not staged_path(tmp_path, 0, 1).parent.exists()
    assert staged_path(tmp_path, 1, 0).exists()


def test_every_stream_of_random_numbers_is_its_own() -> None:
    """Scenes, views and attempts of neighbouring numbers share no stream, though numpy pads entropy with zeros."""
    streams = {}
    for seed in (0, 1):
        for scene in range(3):
            streams[seed, scene] = scene_rng(seed, scene)
            for view in range(3):
                streams[seed, scene, view] = view_rng(seed, scene, view)
                for attempt in range(3):
                    streams[seed, scene, view, attempt] = attempt_rng(seed, scene, view, attempt)
    draws = {name: rng.integers(2**62, size=4).tolist() for name, rng in streams.items()}
    assert [pair for pair in combinations(draws, 2) if draws[pair[0]] == draws[pair[1]]] == []
    spawned = {name: rng.spawn(1)[0].integers(2**62) for name, rng in streams.items()}
    assert len(set(spawned.values())) == len(spawned)


def assembled(seed: int, scene: int, view: int | None, child: int, domain: str) -> list[int]:
    """The 32-bit words that numpy mixes into a stream: entropy padded to four words, then the keys of its ancestors."""
    entropy = [*scene_entropy(seed, scene, domain), *([] if view is None else [view + 1])]
    return [*entropy, *[0] * (4 - len(entropy)), child]


@given(
    training=st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.none() | st.integers(0, 9999)),
    test=st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.none() | st.integers(0, 9999)),
    children=st.tuples(st.integers(0, 99), st.integers(0, 99)),
)
def test_no_seed_reaches_the_test_set(
    training: tuple[int, int, int | None], test: tuple[int, int, int | None], children: tuple[int, int]
) -> None:
    """The third word is 0 or at most 10,000 for whatever can be asked for, the domain's word for the test set."""
    theirs, ours = assembled(*training, children[0], ""), assembled(*test, children[1], "test")
    assert theirs[2] <= 10_000 < ours[2] < 2**32
    rngs = []
    for (seed, scene, view), domain in ((training, ""), (test, "test")):
        rngs.append(scene_rng(seed, scene, domain) if view is None else view_rng(seed, scene, view, domain))
    assert rngs[0].integers(2**62, size=2).tolist() != rngs[1].integers(2**62, size=2).tolist()


def test_the_words_are_those_that_numpy_mixes() -> None:
    """A SeedSequence of the assembled words alone is the stream itself."""
    for domain in ("", "test"):
        words = assembled(7, 12, 3, 1, domain)
        expected = np.random.default_rng(np.random.SeedSequence(words)).integers(2**62, size=4)
        assert np.array_equal(attempt_rng(7, 12, 3, 0, domain).integers(2**62, size=4), expected)


def test_streams_do_not_change_from_version_to_version() -> None:
    """First numbers of three streams, written down: a change makes every set another one."""
    assert scene_rng(7, 12).integers(1000, size=3).tolist() == [934, 163, 740]
    assert view_rng(7, 12, 3).integers(1000, size=3).tolist() == [864, 245, 203]
    assert attempt_rng(7, 12, 3, 0).integers(1000, size=3).tolist() == [215, 984, 138]


def ask(folder: Path, n: int, **changes: object) -> LayeredConfig:
    """Resolve a configuration as the command does."""
    values: dict[str, object] = {
        "seed": 0, "width": 96, "height": 64, "preset": "preview", "samples": None, "scenes": ["cafe", "gallery"],
        "views_per_scene": None, "gt_bits": 13, "see_through_share": 0.75,
    }  # fmt: skip
    return make_config(n, folder, **(values | changes))  # type: ignore[arg-type]


def test_views_per_scene_lets_every_environment_appear_and_is_kept(tmp_path: Path) -> None:
    """Half a million in 3,577 scenes, less for a small n; a larger n takes what is recorded, unless the flag says otherwise."""
    assert ask(tmp_path, 1).views_per_scene == 1
    assert ask(tmp_path, 5).views_per_scene == 3
    assert ask(tmp_path, 5000).views_per_scene == Fraction(500_000, 3577)
    first = ask(tmp_path, 5)
    open_folder(first, tmp_path)
    assert ask(tmp_path, 5000) == first
    open_folder(ask(tmp_path, 5000), tmp_path)
    with pytest.raises(DepthbenchError, match="views_per_scene is 3, asked 7"):
        open_folder(ask(tmp_path, 5, views_per_scene=7), tmp_path)


def test_a_configuration_survives_its_file(tmp_path: Path) -> None:
    """Written, read back, equal; what differs is named with its whole key."""
    layout = tmp_path / "my-Shop.py"
    layout.write_text("def build(rng): ...")
    folder = tmp_path / "set"
    folder.mkdir()
    settings = ask(folder, 3, scenes=["cafe", f"{layout}:build"], samples=9)
    open_folder(settings, folder)
    assert load_config(folder) == settings
    assert settings.sample_id(1, 2) == "my_shop-000001-0002"
    other = ask(folder, 3, scenes=["cafe", f"{layout}:build"], samples=10, seed=4)
    recorded = json.loads((folder / "config.json").read_text())
    assert differing_keys(recorded, other.to_json()) == ["seed is 0, asked 4", "render.samples is 9, asked 10"]
    layout.write_text("def build(rng): print()")
    with pytest.raises(DepthbenchError, match="has changed since"):
        load_config(folder)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda data: data | {"generator_version": 0}, "version 0"),
        (lambda data: data | {"colour": 1}, "colour"),
        (lambda data: {k: v for k, v in data.items() if k != "seed"}, "seed"),
        (lambda data: data | {"render": {"samples": 1, "speed": 2}}, "speed"),
        (lambda data: [data], "not a configuration"),
    ],
)
def test_a_foreign_configuration_is_refused(tmp_path: Path, damage: object, words: str) -> None:
    """Another version, unknown or missing keys, another shape: one line that names the file."""
    open_folder(ask(tmp_path, 2), tmp_path)
    path = tmp_path / "config.json"
    path.write_text(json.dumps(damage(json.loads(path.read_text()))))  # type: ignore[operator]
    with pytest.raises(DepthbenchError, match=words) as told:
        load_config(tmp_path)
    assert str(path) in str(told.value)
    assert "\n" not in str(told.value)


def test_the_lock_of_a_dead_run_is_no_lock(tmp_path: Path) -> None:
    """A second run is refused and told the process; after kill -9 of the owner the folder is free."""
    script = (
        "import sys, time\nfrom pathlib import Path\nfrom depthbench.generators.run_lock import only_run\n"
        "with only_run(Path(sys.argv[1])):\n    print('held', flush=True)\n    time.sleep(100)\n"
    )
    owner = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE)
    assert owner.stdout is not None
    owner.stdout.readline()
    with pytest.raises(DepthbenchError, match=f"process {owner.pid}"), only_run(tmp_path):
        pass
    owner.kill()
    owner.wait()
    with only_run(tmp_path):
        assert (tmp_path / ".lock").read_text() == str(os.getpid())


def test_a_torn_line_of_the_log_spoils_no_other(tmp_path: Path) -> None:
    """A line cut short by a kill is closed by the next run and left out when reading."""
    RunLog(tmp_path).add(event="one", value=float("nan"))
    with open(tmp_path / "log.jsonl", "a") as file:
        file.write('{"event": "tw')
    RunLog(tmp_path).add(event="three")
    assert [(entry["event"], entry.get("value")) for entry in read_log(tmp_path)] == [("one", None), ("three", None)]


@pytest.mark.parametrize(
    ("seconds", "text"), [(3.2, "3 s"), (600, "10 min"), (3 * 3600 + 299, "3 h 05 min"), (52 * 3600, "2 d 4 h")]
)
def test_durations_read_well(seconds: float, text: str) -> None:
    """Two units at most."""
    assert duration(seconds) == text


def test_rng_is_a_generator() -> None:
    """No global state: asking twice gives the same stream from its start."""
    assert np.array_equal(scene_rng(1, 2).random(5), scene_rng(1, 2).random(5))
