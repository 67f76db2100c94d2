# SPDX-License-Identifier: Apache-2.0
"""What a planned folder will hold and cost, told before anything is rendered: ``--plan-only``.

Time rests on measured figures alone: the folder's own log where it has finished pairs, and the machines of ``measured.toml``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path
from statistics import fmean
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table

from depthbench.generators.measured import measured, pair_bytes, pair_s
from depthbench.generators.plan import asked_views, count_settled, shard_path, shard_views
from depthbench.generators.presets import PRESETS
from depthbench.generators.progress import duration
from depthbench.generators.run_files import read_log, read_runs
from depthbench.generators.set_config import SetConfig
from depthbench.processors import usable_cores

PER_SCENE = ("build", "export", "caster")
ADVICE = (
    "For another machine or a GPU make some pairs there (--limit 10) and ask again: the folder's log is then the basis."
)


@dataclass(frozen=True)
class Cost:
    """What one preset costs somewhere.

    Attributes
    ----------
    where : str
        The machine.
    preset : str
    pair_s : float
        Wall seconds of a pair, its share of the scene's building included.
    total_s : float
        Wall seconds of what is missing.
    device_hours : float
        The same in hours of one core, or of one GPU.
    unit : str
        "core-hours" or "GPU-hours".
    basis : str
        What was measured.
    """

    where: str
    preset: str
    pair_s: float
    total_s: float
    device_hours: float
    unit: str
    basis: str


def estimate(config: SetConfig, n: int, folder: Path) -> dict[str, Any]:
    """Count the first ``n`` samples of a set and reckon what the missing ones cost; nothing is written.

    Returns
    -------
    dict
        ``pairs``, ``there``, ``scenes`` (name -> count), ``views_per_scene`` (least, most), ``see_through_views`` (expected),
        ``costs`` (:class:`Cost` each, as a dict), ``disk_bytes``, ``disk_basis``.
    """
    asked = list(asked_views(config, n))
    scenes = Counter(config.environment(scene) for scene, _ in asked)
    views = [len(config.views(scene)) for scene, _ in asked]
    there = count_settled(config, n, folder)
    costs = [*_own(config, n - there, folder, scenes, fmean(views)), *_elsewhere(config, n - there, fmean(views))]
    per_pair, basis = _bytes(config, folder, n)
    return {
        "pairs": n,
        "there": there,
        "scenes": dict(scenes),
        "views_per_scene": (min(views), max(views)),
        "see_through_views": config.see_through_views(n),
        "costs": [asdict(cost) for cost in costs],
        "disk_bytes": per_pair * n,
        "disk_basis": basis,
    }


def _elsewhere(config: SetConfig, missing: int, views: float) -> list[Cost]:
    """Reckon every preset, and the configuration's own settings, on the measured machines and on this one by its cores."""
    settings = {**PRESETS, _label(config): config.render}
    here = usable_cores()
    costs = []
    for machine in measured().machines:
        places = [(machine.name, machine)]
        if here != machine.cores:
            faster = here / machine.cores
            places.append((f"{here} cores, as here, if each is as fast", replace(machine, cores=here)))
        for where, place in places:
            faster = place.cores / machine.cores
            for name, render in settings.items():
                seconds, basis = pair_s(machine, render, config.width, config.height)
                seconds = (seconds + machine.scene_s / views) / faster
                hours = missing * seconds * place.cores / 3600
                basis = f"{basis} ({machine.source})"
                costs.append(Cost(where, name, seconds, missing * seconds, hours, "core-hours", basis))
    return costs


def _label(config: SetConfig) -> str:
    """Name the settings of a configuration: its preset, and the samples where they are not the preset's."""
    changed = config.render != PRESETS.get(config.preset)
    return f"{config.preset}, {config.render.samples} samples" if changed else config.preset


def _own(config: SetConfig, missing: int, folder: Path, scenes: Counter[str], views: float) -> list[Cost]:
    """Reckon from the folder's log; nothing where no pair is made yet."""
    scene_s: list[float] = []
    pairs_s: dict[str, list[float]] = {}
    for entry in read_log(folder):
        seconds = entry.get("seconds", {})
        if entry.get("event") == "built":
            scene_s.append(sum(seconds.get(name, 0.0) for name in PER_SCENE))
        elif entry.get("event") == "end" and entry.get("made"):
            environment = config.environment(int(str(entry["id"]).rsplit("-", 2)[1]))
            pairs_s.setdefault(environment, []).append(sum(s for name, s in seconds.items() if name != "tracer"))
    runs = [run for run in read_runs(folder) if run.get("engine", "local") == "local"]
    if not pairs_s or not runs:
        return []
    run = runs[-1]
    by_environment = {name: fmean(values) for name, values in pairs_s.items()}
    all_s = [by_environment.get(name, fmean(by_environment.values())) for name in scenes]
    worker_s = fmean(all_s, weights=scenes.values()) + fmean(scene_s or [0.0]) / views
    pair = worker_s / run["workers"]
    count = sum(len(values) for values in pairs_s.values())
    on_gpu = run["device"] != "CPU"
    units = run["workers"] if on_gpu else run["machine"]["cores"]
    where = f"as this folder's last run: {run['workers']} x {run['device']}, {run['machine']['processor']}"
    basis = f"the folder's own log: {count} pairs of {', '.join(sorted(by_environment))}"
    hours = missing * pair * units / 3600
    unit = "GPU-hours" if on_gpu else "core-hours"
    return [Cost(where, _label(config), pair, missing * pair, hours, unit, basis)]


def _bytes(config: SetConfig, folder: Path, n: int) -> tuple[float, str]:
    """Return the bytes of a pair, from the folder's own shards if it has any, and what that rests on."""
    total = pairs = 0
    for scene, _ in asked_views(config, n):
        path = shard_path(folder, scene)
        if path.is_file():
            total += path.stat().st_size
            pairs += len(shard_views(path))
    if pairs:
        return total / pairs, f"the {pairs} pairs that are there"
    return pair_bytes(config)


def render_estimate(found: dict[str, Any]) -> RenderableType:
    """Lay the answer of :func:`estimate` out for ``rich.console.Console.print``."""
    low, high = found["views_per_scene"]
    scenes = ", ".join(f"{name} {count:,}" for name, count in found["scenes"].items())
    facts = Table.grid(padding=(0, 2))
    facts.add_row("pairs", f"{found['pairs']:,}, of which {found['there']:,} are there")
    facts.add_row("scenes", f"{sum(found['scenes'].values()):,}: {scenes}")
    facts.add_row("views", f"{low} of each scene" if low == high else f"{low} or {high} of each scene")
    facts.add_row("see-through", f"asked of about {found['see_through_views']:,} views")
    facts.add_row("disk", f"{found['disk_bytes'] / 1e9:,.1f} GB, {found['disk_basis']}")
    tables = []
    for where, some in groupby(found["costs"], key=lambda cost: cost["where"]):
        costs = list(some)
        table = Table("preset", "s/pair", "pairs/h", "all that is missing", costs[0]["unit"], title=where)
        table.title_justify = "left"
        for column in table.columns[1:]:
            column.justify = "right"
        for cost in costs:
            pair_s, hours = cost["pair_s"], cost["device_hours"]
            table.add_row(
                cost["preset"],
                f"{pair_s:,.1f}",
                f"{3600 / pair_s:,.1f}",
                duration(cost["total_s"]),
                f"{hours:,.0f}" if hours >= 10 else f"{hours:.2f}",
            )
        tables.append(table)
    notes = {f"{cost['preset']} rests on: {cost['basis']}": None for cost in found["costs"]}
    return Group(facts, *tables, *notes, ADVICE)
