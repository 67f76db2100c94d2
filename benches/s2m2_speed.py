# SPDX-License-Identifier: Apache-2.0
"""S2M2: time, operations and memory of a pass, and what a sweep over c costs in passes; the aim for 11 values is at most 6.

    python benches/s2m2_speed.py --size S M --resolution 384x256 768x512
    python benches/s2m2_speed.py --size S --mode eager compiled --threads 1
    python benches/s2m2_speed.py --channels 32 --resolution 192x128 --sweep
    python benches/s2m2_speed.py --count-only

Weights are random: time does not depend on them. Operations are counted on tensors without content, so ``--count-only`` says the
same on every machine, and says it for sizes that no laptop runs; a multiplication and an addition are two operations. Memory is
the peak of live tensors beside the weights, also counted (on a GPU: what PyTorch allocated at most). Times are the best of
several rounds; on a processor also the processor seconds of the best round, which other programs disturb less.
"""

from __future__ import annotations

import argparse
import contextlib
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from depthbench.baselines.runtime import choose_runtime
from depthbench.baselines.s2m2 import matching
from depthbench.baselines.s2m2.compiling import compiled
from depthbench.baselines.s2m2.cost_lookup import CostLookup
from depthbench.baselines.s2m2.network import S2M2, SIZES
from depthbench.baselines.s2m2.strips import peak_bytes
from depthbench.baselines.s2m2_focus.network import S2M2Focus

VALUES = [step / 10 for step in range(11)]
MODES = ("eager", "half", "compiled")


class LiveTensors(TorchDispatchMode):
    """Adds up the storages that operations make and that are still in use."""

    def __init__(self, known: set[int]) -> None:
        super().__init__()
        self.known, self.now, self.peak = known, 0, 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(out):
            if isinstance(tensor, torch.Tensor):
                storage = tensor.untyped_storage()
                if storage._cdata not in self.known:
                    self.known.add(storage._cdata)
                    self.now += storage.nbytes()
                    self.peak = max(self.peak, self.now)
                    weakref.finalize(storage, self._gone, storage._cdata, storage.nbytes())
        return out

    def _gone(self, key: int, size: int) -> None:
        self.known.discard(key)
        self.now -= size


def count(channels: int, transformers: int, width: int, height: int) -> None:
    """Print operations, memory and the cost of a sweep."""
    with torch.device("meta"):
        eye, c = torch.empty(1, 3, height, width), torch.empty(1)
        plain = S2M2(channels, transformers)
        known = {value.untyped_storage()._cdata for value in plain.parameters()}
        with torch.no_grad(), FlopCounterMode(display=False) as counter, LiveTensors(known) as live:
            plain(eye, eye)
        whole = counter.get_total_flops()
        fewer = [S2M2(channels, transformers, refine_steps=steps) for steps in range(3)]
        with torch.no_grad():
            by_steps = [operations(network, eye, eye) for network in fewer]
        ours = peak_bytes(height, width, channels)
        told = f"{channels:4d} {transformers}  {whole / 1e9:6.0f} GFLOP (0, 1, 2 steps: {', '.join(f'{one:.0f}' for one in by_steps)})  {live.peak / 1e9:5.2f} GB (estimate {ours / 1e9:.2f})"
        for steps in (1, 3):
            focus = S2M2Focus(channels, transformers, refine_steps=steps)
            with torch.no_grad(), FlopCounterMode(display=False) as counter:
                view = focus.view(eye, eye)
                view = view._replace(guides=focus.guides(view.scene))
            shared = counter.get_total_flops()
            with torch.no_grad(), FlopCounterMode(display=False) as counter:
                focus.steer(view, c)
            each = counter.get_total_flops()
            ratio = (shared + len(VALUES) * each) / (shared + each)
            told += f"   sweep, {steps} step{'s' if steps > 1 else ' '}: {ratio:.2f} passes"
    print(told, flush=True)


@contextlib.contextmanager
def timed(owner: Any, name: str, spent: dict[str, float], key: str) -> Iterator[None]:
    """Add the processor time of a function's calls to ``spent[key]``."""
    original = getattr(owner, name)

    def call(*args: Any, **options: Any) -> Any:
        start = time.process_time()
        try:
            return original(*args, **options)
        finally:
            spent[key] = spent.get(key, 0.0) + time.process_time() - start

    setattr(owner, name, call)
    try:
        yield
    finally:
        setattr(owner, name, original)


def shares(network: S2M2, left: torch.Tensor, right: torch.Tensor) -> str:
    """Processor time of a pass by part, in per cent (on a processor; a GPU works on while Python goes ahead).

    What is indented belongs to the part before: the cost volume and the plan to ``disp_init``, reading it to ``refiner``.
    """
    spent: dict[str, float] = {}
    with contextlib.ExitStack() as stack:
        for name, part in network.named_children():
            spent[name] = 0.0
            stack.enter_context(timed(part, "forward", spent, name))
        stack.enter_context(timed(matching, "transport_plan", spent, "transport plan"))
        stack.enter_context(timed(CostLookup, "__call__", spent, "reading the volume"))
        start = time.process_time()
        network(left, right)
        total = time.process_time() - start
    inner = ("transport plan", "reading the volume")
    told = [f"{name} {100 * seconds / total:.1f}" for name, seconds in spent.items() if name not in inner]
    return (
        ", ".join(told) + "; of these " + ", ".join(f"{name} {100 * spent.get(name, 0) / total:.1f}" for name in inner)
    )


def best_s(work: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Best wall time and best processor time of several rounds after one that warms up."""
    work()
    walls, processors = [], []
    for _ in range(rounds):
        start, start_processor = time.perf_counter(), time.process_time()
        work()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        walls.append(time.perf_counter() - start)
        processors.append(time.process_time() - start_processor)
    return min(walls), min(processors)


def peak_gb(network: S2M2, left: torch.Tensor, right: torch.Tensor) -> float:
    """Memory of a pass beside the weights."""
    if left.device.type == "cuda":
        before = torch.cuda.memory_allocated()
        torch.cuda.reset_peak_memory_stats()
        network(left, right)
        return (torch.cuda.max_memory_allocated() - before) / 1e9
    known = {value.untyped_storage()._cdata for value in [*network.parameters(), left, right]}
    with LiveTensors(known) as live:
        network(left, right)
    return live.peak / 1e9


def operations(network: S2M2, left: torch.Tensor, right: torch.Tensor) -> float:
    """GFLOP of a pass."""
    with FlopCounterMode(display=False) as counter:
        network(left, right)
    return counter.get_total_flops() / 1e9


def measure(name: str, channels: int, transformers: int, size: tuple[int, int], asked: argparse.Namespace) -> None:
    """Print a line per mode for one network and one picture size."""
    runtime = choose_runtime(asked.device)
    half = "float16" if runtime.device.type == "cuda" else "bfloat16"
    left, right = (255 * torch.rand(1, 3, *size[::-1], device=runtime.device) for _ in range(2))
    network: Any = S2M2(channels, transformers).eval().to(runtime.device)
    with torch.device("meta"), torch.no_grad():
        empty = torch.empty(1, 3, *size[::-1])
        gflop = operations(S2M2(channels, transformers), empty, empty)
    print(f"{name}, {size[0]}x{size[1]}: {gflop:.0f} GFLOP", flush=True)
    with torch.inference_mode():
        for mode in asked.mode:
            told, memory = "", ""
            with choose_runtime(asked.device, half if mode == "half" else "float32").autocast():
                if mode == "compiled":
                    wanted = network(left, right)[0]
                    start = time.perf_counter()
                    gap = float((compiled(network)(left, right)[0] - wanted).abs().max())
                    told = f"   compiled in {time.perf_counter() - start:.0f} s, differs by {gap:.1e} px"
                else:
                    memory = f"{peak_gb(network, left, right):5.2f} GB"
                wall, processor = best_s(lambda: network(left, right), asked.rounds)
                label = half if mode == "half" else mode
                print(
                    f"  {label:9s} {wall:8.3f} s  {processor:8.3f} processor s {gflop / wall:7.0f} GFLOP/s  {memory}{told}"
                )
                if mode == "eager" and runtime.device.type == "cpu":
                    print(f"            per cent: {shares(network, left, right)}", flush=True)


def measure_sweep(channels: int, transformers: int, size: tuple[int, int], asked: argparse.Namespace) -> None:
    """Print what several values of c cost."""
    runtime = choose_runtime(asked.device)
    left, right = (255 * torch.rand(1, 3, *size[::-1], device=runtime.device) for _ in range(2))
    focus = S2M2Focus(channels, transformers, refine_steps=asked.steps).eval().to(runtime.device)
    c = torch.zeros(1, device=runtime.device)
    with torch.inference_mode():
        _, one = best_s(lambda: focus(left, right, c), asked.rounds)
        _, sweep = best_s(lambda: [estimate.disp for estimate in focus.sweep(left, right, VALUES)], asked.rounds)
    print(
        f"  s2m2-focus {one:7.3f} processor s a pass, {asked.steps} steps; {len(VALUES)} values of c: {sweep / one:.2f} passes"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, nargs="+")
    parser.add_argument("--channels", type=int, default=32, help="of another size")
    parser.add_argument("--transformers", type=int, default=1)
    parser.add_argument("--resolution", nargs="+", default=["384x256"], help="multiples of 32")
    parser.add_argument("--mode", choices=MODES, nargs="+", default=["eager", "half"], help="compiled comes last")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--sweep", action="store_true", help="the steered network's sweep too")
    parser.add_argument("--steps", type=int, default=1, help="corrections of the steered network")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count-only", action="store_true", help="operations and memory of every size, nothing is run")
    parser.add_argument("--threads", type=int, help="of PyTorch on a processor")
    asked = parser.parse_args()
    asked.mode.sort(key=MODES.index)
    if asked.threads:
        torch.set_num_threads(asked.threads)
    named = {f"S2M2 {size}": SIZES[size] for size in asked.size or ()}
    networks = named or {f"S2M2 {asked.channels}, {asked.transformers}": (asked.channels, asked.transformers)}
    for resolution in asked.resolution:
        width, height = map(int, resolution.split("x"))
        if asked.count_only:
            for channels, transformers in [(32, 1), *SIZES.values(), (192, 1), (384, 2)]:
                count(channels, transformers, width, height)
            continue
        for name, (channels, transformers) in networks.items():
            measure(name, channels, transformers, (width, height), asked)
            if asked.sweep:
                measure_sweep(channels, transformers, (width, height), asked)


if __name__ == "__main__":
    main()
