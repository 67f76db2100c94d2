# SPDX-License-Identifier: Apache-2.0
"""What all engines speak of: units of work, what they need, how often they are tried, what was given up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Item = int | str
Event = dict[str, Any]
Listen = Callable[[str, Event], None]
"""Called with a unit's name ("" outside one) and an event."""


@dataclass(frozen=True)
class Unit:
    """One job for a worker.

    Attributes
    ----------
    name : str
        Unique in the run; for messages, logs and the sidecar.
    task : str
        ``"package.module:function"``, called in the worker with the job and a function that sends events. It must skip what
        is there already: a unit may be handed out again at any time. What it makes lies below the job's ``folder``. Where the
        output may go to object storage it tells ``settled`` with the ``items`` that the files now answer for.
    job : mapping
        JSON-serialisable; the engine adds ``name``, ``task``, ``items``.
    items : tuple
        What is to be done; the task tells the ``begin`` and ``end`` of each. None where the unit is done in one piece.
    output : str
        The shard that it makes, from the output folder; "" where it makes other files: then all that it leaves is its.
    """

    name: str
    task: str
    job: Mapping[str, Any]
    items: tuple[Item, ...] = ()
    output: str = ""


@dataclass(frozen=True)
class Rules:
    """When a worker is given up or replaced, wherever it runs.

    Attributes
    ----------
    tries : int
        Crashes at one place before it is left out.
    silence_s : float
        A worker that tells nothing for so long is taken for hung.
    unit_timeout_s : float
        One attempt at a unit may take so long.
    units_per_worker : int
        A worker is replaced after so many units (Blender's memory grows).
    """

    tries: int = 3
    silence_s: float = 900.0
    unit_timeout_s: float = float("inf")
    units_per_worker: int = 20


@dataclass(frozen=True)
class Need:
    """What a worker asks of its machine.

    Attributes
    ----------
    device : str
        auto, CPU, or GPUs of a backend: ``OPTIX`` (all of them), ``CUDA:1``. Anything but CPU asks Blender what there is.
    cores : int or None
        Processor cores of a worker; None is what the engine thinks best: the whole machine on ``local``.
    workers : int or None
        How many at once; None is one per device.
    light : bool
        Whether the work cannot crash or hang, so that it needs no process of its own.
    """

    device: str = "CPU"
    cores: int | None = None
    workers: int | None = None
    light: bool = False


@dataclass(frozen=True)
class Failure:
    """What was given up: a unit, or one item of it, why, and where the log is."""

    unit: str
    item: Item | None
    reason: str
    log: str
