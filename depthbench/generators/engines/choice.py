# SPDX-License-Identifier: Apache-2.0
"""Which engine does the work, and how a user chose it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from depthbench.errors import DepthbenchError, unknown_name
from depthbench.generators.engines.devices import worker_arguments
from depthbench.generators.engines.share import WHOLE, Share
from depthbench.generators.engines.stored import for_storage, noting
from depthbench.generators.engines.units import Failure, Listen, Need, Rules, Unit
from depthbench.generators.run_files import recorded_run
from depthbench.registry import load_object

ENGINES = {
    "local": "depthbench.generators.engines.here:run",
    "ray": "depthbench.generators.engines.ray_tasks:run",
    "slurm": "depthbench.generators.engines.slurm_jobs:run",
}
"""Name -> function called with (units, choice, need, rules, folder, listen)."""


@dataclass(frozen=True)
class Choice:
    """An engine and what it is told; nothing here changes a sample.

    Attributes
    ----------
    engine : str
        Of :data:`ENGINES`.
    share : Share
        Which units this run takes.
    address : str or None
        Of a Ray cluster.
    slurm : tuple of (str, str)
        Parameters of Slurm jobs.
    cores : int or None
        Processor cores per worker.
    tries : int
    unit_timeout_s : float
    url, scratch : str
        Of the object storage that the output goes to ("": a folder), and what names its scratch folders.

    Raises
    ------
    DepthbenchError
        If the engine is unknown, or options are of another one.
    """

    engine: str = "local"
    share: Share = WHOLE
    address: str | None = None
    slurm: tuple[tuple[str, str], ...] = ()
    cores: int | None = None
    tries: int = 3
    unit_timeout_s: float = float("inf")
    url: str = ""
    scratch: str = ""

    def __post_init__(self) -> None:
        if self.engine not in ENGINES:
            raise unknown_name("engine", self.engine, ENGINES)
        if self.address and self.engine != "ray":
            raise DepthbenchError(f"--address {self.address}: is of --engine ray")
        if self.slurm and self.engine != "slurm":
            raise DepthbenchError(f"--slurm {self.slurm[0][0]}={self.slurm[0][1]}: is of --engine slurm")

    def recorded(self, folder: Path, need: Need, asked: int) -> AbstractContextManager[dict[str, Any]]:
        """Keep the record of a run (:func:`depthbench.generators.run_files.recorded_run`) at whose end there are ``asked`` samples.

        Raises
        ------
        DepthbenchError
            If there is no such device here.
        """
        device, workers = need.device, need.workers or 0
        if self.engine == "local":
            arguments = worker_arguments(need)
            device, workers = arguments[0][1], len(arguments)
        return recorded_run(folder, device, workers, self.share, engine=self.engine, asked=asked)

    def run(
        self, units: Sequence[Unit], need: Need, folder: Path, listen: Listen, silence_s: float = Rules.silence_s
    ) -> list[Failure]:
        """Do units, leave their sidecars in ``folder``, and return what was given up.

        Raises
        ------
        DepthbenchError
            If there is a fault that only the user can mend, or no worker starts.
        """
        rules = Rules(self.tries, silence_s, self.unit_timeout_s)
        need = replace(need, cores=self.cores or need.cores)
        choice = self
        if self.url:
            units, scratch = for_storage(units, self.url, folder)
            choice, listen = replace(self, scratch=scratch), noting(folder, listen)
        failures: list[Failure] = load_object(ENGINES[self.engine])(units, choice, need, rules, folder, listen)
        return failures
