# SPDX-License-Identifier: Apache-2.0
"""S2M2: time, operations and memory of a pass, and what a sweep over c costs in passes; the aim for 11 values is at most 6.

    python benches/s2m2_speed.py --size S --resolution 768x512
    python benches/s2m2_speed.py --channels 32 --resolution 192x128 --dtype bfloat16 --compile
    python benches/s2m2_speed.py --count-only

Weights are random: time does not depend on them. Operations are counted on tensors without content, so ``--count-only`` says the
same on every machine, and says it for sizes that no laptop runs; memory is the peak of live tensors beside the weights, also
counted. Times are the best of several rounds.
"""

from __future__ import annotations

import argparse
import time
import weakref
from collections.abc import Callable
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from depthbench.baselines.runtime import DTYPES, choose_runtime, compiled
from depthbench.baselines.s2m2.network import S2M2, SIZES
from depthbench.baselines.s2m2.strips import peak_bytes
from depthbench.baselines.s2m2_focus.network import S2M2Focus

VALUES = [step / 10 for step in range(11)]


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
        ours = peak_bytes(height, width, channels)
        told = f"{channels:4d} {transformers}  {whole / 1e9:8.0f} GFLOP  {live.peak / 1e9:5.2f} GB (estimate {ours / 1e9:.2f})"
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


def shares(network: S2M2, left: torch.Tensor, right: torch.Tensor) -> str:
    """Processor time of a pass by part of the network, in per cent (on a processor; a GPU works on while Python goes ahead)."""
    spent: dict[str, float] = {}
    handles = []
    for name, part in network.named_children():
        spent[name] = 0.0

        def enter(*_: Any, name: str = name) -> None:
            spent[name] -= time.process_time()

        def leave(*_: Any, name: str = name) -> None:
            spent[name] += time.process_time()

        handles += [part.register_forward_pre_hook(enter), part.register_forward_hook(leave)]
    start = time.process_time()
    network(left, right)
    total = time.process_time() - start
    for handle in handles:
        handle.remove()
    return ", ".join(f"{name} {100 * seconds / total:.1f}" for name, seconds in spent.items())


def best_s(work: Callable[[], object], rounds: int) -> float:
    """Best wall time of several rounds after one that warms up."""
    work()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES)
    parser.add_argument("--channels", type=int, default=32)
    parser.add_argument("--transformers", type=int, default=1)
    parser.add_argument("--resolution", default="384x256", help="multiples of 32")
    parser.add_argument("--dtype", choices=DTYPES, default="float32")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--steps", type=int, default=1, help="corrections of the steered network")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count-only", action="store_true", help="operations and memory of every size, nothing is run")
    parser.add_argument("--threads", type=int, help="of PyTorch on a processor")
    asked = parser.parse_args()
    if asked.threads:
        torch.set_num_threads(asked.threads)
    width, height = map(int, asked.resolution.split("x"))
    if asked.count_only:
        for channels, transformers in [(32, 1), *SIZES.values(), (192, 1), (384, 2)]:
            count(channels, transformers, width, height)
        return
    channels, transformers = SIZES[asked.size] if asked.size else (asked.channels, asked.transformers)
    count(channels, transformers, width, height)
    runtime = choose_runtime(asked.device, asked.dtype)
    left, right = (255 * torch.rand(1, 3, height, width, device=runtime.device) for _ in range(2))
    plain: Any = S2M2(channels, transformers).eval().to(runtime.device)
    focus = S2M2Focus(channels, transformers, refine_steps=asked.steps).eval().to(runtime.device)
    c = torch.zeros(1, device=runtime.device)
    with torch.inference_mode(), runtime.autocast():
        run = compiled(plain) if asked.compile else plain
        print(f"s2m2         {best_s(lambda: run(left, right), asked.rounds):8.3f} s a pass, 3 steps")
        if runtime.device.type == "cpu":
            print(f"             per cent: {shares(plain, left, right)}")
        one = best_s(lambda: focus(left, right, c), asked.rounds)
        sweep = best_s(lambda: [estimate.disp for estimate in focus.sweep(left, right, VALUES)], asked.rounds)
        print(f"s2m2-focus   {one:8.3f} s a pass, {asked.steps} steps")
        print(f"             {sweep:8.3f} s for {len(VALUES)} values of c: {sweep / one:.2f} passes")


if __name__ == "__main__":
    main()
