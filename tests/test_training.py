# SPDX-License-Identifier: Apache-2.0
"""The trainer on a toy: a run that is cut anywhere continues to the same bits, and the division of its work does not matter."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import safetensors
import torch
from safetensors.torch import load_file
from torch import nn

from depthbench.baselines.training.config import TrainConfig, configure, load_preset
from depthbench.baselines.training.ema import Average
from depthbench.baselines.training.recipe import Inputs
from depthbench.baselines.training.run import train
from depthbench.baselines.training.schedule import learning_rate
from depthbench.baselines.weights_file import read_metadata
from depthbench.errors import DepthbenchError


@dataclass(frozen=True)
class ToyConfig:
    """Settings of the toy."""

    width: int = 4
    noise: float = 0.0


class ToyStream:
    """Points of a parabola; sample k is a function of k."""

    def sample(self, step: int, number: int) -> dict[str, Any]:
        generator = torch.Generator().manual_seed(number)
        x = torch.rand(3, generator=generator)
        return {"x": x, "y": x.square().sum(0, keepdim=True)}


class Toy:
    """A small perceptron; the loss draws noise, so the random state matters."""

    Config = ToyConfig
    presets = Path()

    def __init__(self, config: ToyConfig, inputs: Inputs | None = None, seed: int = 0) -> None:
        self.config = config
        self.seen: list[torch.Tensor] = []

    def network(self) -> nn.Module:
        return nn.Sequential(nn.Linear(3, self.config.width), nn.Tanh(), nn.Linear(self.config.width, 1))

    def initialise(self, network: nn.Module, path: Path) -> str:
        network.load_state_dict(load_file(path))
        return "someone's"

    def stream(self) -> ToyStream:
        return ToyStream()

    def losses(self, network: nn.Module, batch: Any) -> dict[str, torch.Tensor]:
        x = batch["x"]
        self.seen.append(x)
        noisy = x + self.config.noise * torch.randn(x.shape)
        return {"square": (network(noisy) - batch["y"]).square().mean()}

    def validate(self, network: nn.Module, device: Any) -> dict[str, float]:
        x = torch.linspace(0, 1, 9)[:, None].expand(-1, 3)
        return {"score": float((network(x) - x.square().sum(1, keepdim=True)).abs().mean())}

    def manifest(self) -> list[dict[str, Any]]:
        return [{"kind": "toy"}]

    def metadata(self) -> dict[str, str]:
        return {"width": str(self.config.width)}


CONFIG = TrainConfig(steps=12, batch=4, lr=0.05, warmup=3, ema=0.9, log_every=5, save_every=2, val_every=4, threads=1)


def everything(out: Path) -> dict[str, Any]:
    """What a checkpoint holds, time aside."""
    content = torch.load(out / "checkpoint.pt", weights_only=True)
    del content["seconds"]
    return content  # type: ignore[no-any-return]


def assert_same(one: Any, other: Any) -> None:
    """To the last bit."""
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            assert_same(one[key], other[key])
    elif isinstance(one, list):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_same(a, b)
    elif isinstance(one, torch.Tensor):
        torch.testing.assert_close(one, other, rtol=0, atol=0)
    else:
        assert one == other


class Killed(Exception):
    """Stands in for the power cut."""


class Cut(Toy):
    """Dies in the middle of a step."""

    left = 0

    def losses(self, network: nn.Module, batch: Any) -> dict[str, torch.Tensor]:
        self.left -= 1
        if self.left < 0:
            raise Killed
        return super().losses(network, batch)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_run_cut_twice_ends_in_the_same_bits(tmp_path: Path, workers: int) -> None:
    config = replace(CONFIG, accumulate=2)
    train("toy", Toy(ToyConfig(noise=0.1)), config, tmp_path / "whole")
    for steps in (5, 4):
        recipe = Cut(ToyConfig(noise=0.1))
        recipe.left = 2 * steps + 1
        with pytest.raises(Killed):
            train("toy", recipe, replace(config, workers=workers), tmp_path / "cut")
    train("toy", Toy(ToyConfig(noise=0.1)), config, tmp_path / "cut")
    whole, cut = everything(tmp_path / "whole"), everything(tmp_path / "cut")
    assert cut["step"] == 12
    assert len(whole["curves"]["train"]) == 3
    assert_same(whole | {"claims": 0}, cut | {"claims": 0})
    assert (tmp_path / "whole" / "weights.safetensors").read_bytes() == (
        tmp_path / "cut" / "weights.safetensors"
    ).read_bytes()


class Whole(ToyStream):
    """Makes whole parts; refuses to make samples one by one."""

    def sample(self, step: int, number: int) -> dict[str, Any]:
        raise AssertionError

    def samples(self, part: list[tuple[int, int]]) -> dict[str, Any]:
        made = [super(Whole, self).sample(*index) for index in part]
        return {name: torch.stack([sample[name] for sample in made]) for name in made[0]}


@pytest.mark.parametrize("workers", [0, 2])
def test_parts_made_whole_are_those_made_one_by_one(tmp_path: Path, workers: int) -> None:
    config = replace(CONFIG, accumulate=2, workers=workers)
    for name, stream in (("one", ToyStream()), ("whole", Whole())):
        recipe = Toy(ToyConfig())
        recipe.stream = lambda stream=stream: stream  # type: ignore[method-assign, misc]
        train("toy", recipe, config, tmp_path / name)
    one, whole = ((tmp_path / name / "weights.safetensors").read_bytes() for name in ("one", "whole"))
    assert one == whole


class Judged(Toy):
    """Its measures are told beforehand; they are best at different steps."""

    best_of = ("near", "far")
    measures = ((3.0, 1.0, 5.0), (2.0, 4.0, 5.0), (2.5, 4.0, 0.5))

    def validate(self, network: nn.Module, device: Any) -> dict[str, float]:
        self.turn = getattr(self, "turn", -1) + 1
        return dict(zip(("score", *self.best_of), self.measures[self.turn], strict=True))


def test_weights_that_were_best_by_further_measures_are_kept(tmp_path: Path) -> None:
    train("toy", Judged(ToyConfig()), CONFIG, tmp_path)
    steps = {path.stem: read_metadata(path)["step"] for path in tmp_path.glob("*.safetensors")}
    assert steps == {"weights": "8", "weights-near": "4", "weights-far": "12"}
    record = json.loads((tmp_path / "record.json").read_text())
    assert {name: told["step"] for name, told in record["best_of"].items()} == {"near": 4, "far": 12}


def test_accumulating_is_the_larger_batch(tmp_path: Path) -> None:
    """Up to rounding; and the samples are the same ones, each once."""
    networks = []
    for parts in (1, 2, 4):
        recipe = Toy(ToyConfig())
        train("toy", recipe, replace(CONFIG, accumulate=parts), tmp_path / str(parts))
        networks.append(everything(tmp_path / str(parts))["network"])
        wanted = torch.stack([ToyStream().sample(0, k)["x"] for k in range(48)])
        torch.testing.assert_close(torch.cat(recipe.seen), wanted, rtol=0, atol=0)
    for other in networks[1:]:
        torch.testing.assert_close(networks[0], other, rtol=1e-4, atol=1e-6)


def test_average_in_closed_form() -> None:
    """Weights t + 1 after update t: the average is a sum of them with products of decays, 0.1 and 2/11 first, 0.5 at most."""
    network = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(network.weight)
    average = Average(network, 0.5)
    expected = 0.0
    for step, decay in enumerate([1 / 10, 2 / 11, 3 / 12, 4 / 13, 5 / 14, 6 / 15, 7 / 16, 8 / 17, 0.5, 0.5, 0.5]):
        nn.init.constant_(network.weight, step + 1.0)
        average.update(network, step)
        expected = decay * expected + (1 - decay) * (step + 1)
        assert average.network.weight.item() == pytest.approx(expected, rel=1e-6)


def test_a_long_constant_is_forgotten_geometrically() -> None:
    """From 0 to a constant 1 after the decay has reached its full value: 1 - e = (1 - e0) decay^n."""
    network = nn.Linear(1, 1, bias=False)
    average = Average(network, 0.9)
    nn.init.zeros_(average.network.weight)
    nn.init.ones_(network.weight)
    for step in range(100, 130):
        average.update(network, step)
    assert 1 - average.network.weight.item() == pytest.approx(0.9**30, rel=1e-4)


def test_rates() -> None:
    """Up from zero, the top at the end of the warm-up, one percent at the end; half way half the height."""
    base = replace(CONFIG, steps=103, warmup=3, lr=2.0)
    for name in ("cosine", "linear"):
        config = replace(base, schedule=name)  # type: ignore[arg-type]
        rates = [learning_rate(step, config) for step in range(104)]
        assert rates[:3] == pytest.approx([2 / 3, 4 / 3, 2])
        assert rates[3] == 2
        assert rates[53] == pytest.approx(2 * (0.01 + 0.99 * 0.5))
        assert rates[103] == pytest.approx(0.02)
        assert all(b < a for a, b in pairwise(rates[3:]))
    assert learning_rate(90, replace(base, schedule="constant")) == 2


def test_the_kept_weights_are_the_best_average(tmp_path: Path) -> None:
    recipe = Toy(ToyConfig())
    scores = iter([3.0, 1.0, 2.0])
    recipe.validate = lambda network, device: {"score": next(scores)}  # type: ignore[method-assign]
    train("toy", recipe, CONFIG, tmp_path)
    record = json.loads((tmp_path / "record.json").read_text())
    assert (record["best"]["step"], record["steps_done"]) == (8, 12)
    train("toy", Toy(ToyConfig()), replace(CONFIG, steps=8, schedule="constant"), tmp_path / "b")
    with safetensors.safe_open(tmp_path / "weights.safetensors", "pt") as handle:
        told = json.loads(handle.metadata()["depthbench"])
    assert (told["step"], told["width"], told["licence"]) == ("8", "4", "Apache-2.0")


def test_another_run_in_the_folder_is_refused_by_name(tmp_path: Path) -> None:
    train("toy", Toy(ToyConfig()), replace(CONFIG, steps=2), tmp_path)
    with pytest.raises(DepthbenchError, match=r"another lr \(was 0\.05\), noise \(was 0\.0\); continue"):
        train("toy", Toy(ToyConfig(noise=0.5)), replace(CONFIG, steps=2, lr=0.1, workers=1), tmp_path)
    with pytest.raises(DepthbenchError, match="another init"):
        train("toy", Toy(ToyConfig()), replace(CONFIG, steps=2), tmp_path, tmp_path / "weights.safetensors")
    (tmp_path / "checkpoint.pt").write_bytes(b"half")
    with pytest.raises(DepthbenchError, match="damaged"):
        train("toy", Toy(ToyConfig()), replace(CONFIG, steps=2), tmp_path)


def test_starting_from_weights_takes_them_and_their_licence(tmp_path: Path) -> None:
    train("toy", Toy(ToyConfig()), CONFIG, tmp_path / "a")
    start = load_file(tmp_path / "a" / "weights.safetensors")
    config = replace(CONFIG, steps=1, lr=1e-12, weight_decay=0.0)
    train("toy", Toy(ToyConfig()), config, tmp_path / "b", tmp_path / "a" / "weights.safetensors")
    torch.testing.assert_close(dict(everything(tmp_path / "b")["network"]), start)
    assert json.loads((tmp_path / "b" / "record.json").read_text())["licence"] == "someone's"


def test_gradients_that_are_not_finite_change_nothing_and_end_the_run_at_last(tmp_path: Path) -> None:
    recipe = Toy(ToyConfig())
    plain = recipe.losses

    def broken(network: nn.Module, batch: Any) -> dict[str, torch.Tensor]:
        return {name: term * torch.nan for name, term in plain(network, batch).items()}

    recipe.losses = broken  # type: ignore[method-assign]
    train("toy", recipe, CONFIG, tmp_path / "a")
    torch.manual_seed(CONFIG.seed)
    fresh = Toy(ToyConfig()).network().state_dict()
    torch.testing.assert_close(dict(everything(tmp_path / "a")["network"]), dict(fresh), rtol=0, atol=0)
    with pytest.raises(DepthbenchError, match="not finite"):
        train("toy", recipe, replace(CONFIG, steps=40), tmp_path / "b")


def test_settings_are_checked(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text("[train]\nsteps = 5\nbatch = 2\nlr = 1\n[recipe]\nwidth = 8\n")
    config, toy = configure(str(file), tmp_path, ToyConfig, {"batch": 6, "noise": 0.5})
    assert (config.steps, config.batch, config.lr, toy) == (5, 6, 1.0, ToyConfig(8, 0.5))
    with pytest.raises(DepthbenchError, match="did you mean noise"):
        configure(str(file), tmp_path, ToyConfig, {"nois": 1})
    with pytest.raises(DepthbenchError, match="must be at least 1"):
        configure(str(file), tmp_path, ToyConfig, {"steps": 0})
    with pytest.raises(DepthbenchError, match=r"unknown preset 'q'.*known: p"):
        load_preset("q", tmp_path)
    with pytest.raises(DepthbenchError, match="batch=4: not a multiple of 3"):
        train("toy", Toy(ToyConfig()), replace(CONFIG, accumulate=3), tmp_path / "c")


SCRIPT = """
import sys, time
sys.path.insert(0, {tests!r})
from dataclasses import replace
from pathlib import Path
from test_training import CONFIG, Toy, ToyConfig
from depthbench.baselines.training.run import train

class Slow(Toy):
    def losses(self, network, batch):
        time.sleep({pause})
        return super().losses(network, batch)

train("toy", Slow(ToyConfig()), replace(CONFIG, steps={steps}, workers={workers}, device="cpu"), Path({out!r}))
"""


def script(out: Path, steps: int, pause: float = 0.0, workers: int = 0) -> str:
    return SCRIPT.format(tests=str(Path(__file__).parent), out=str(out), steps=steps, pause=pause, workers=workers)


def environment() -> dict[str, str]:
    return os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_ctrl_c_saves_and_a_kill_loses_little(tmp_path: Path, how: signal.Signals) -> None:
    steps = 60
    train("toy", Toy(ToyConfig()), replace(CONFIG, steps=steps, device="cpu"), tmp_path / "whole")
    started = subprocess.Popen(
        [sys.executable, "-c", script(tmp_path / "cut", steps, 0.1, workers=1)],
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not (tmp_path / "cut" / "checkpoint.pt").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(started.pid, how)  # a terminal and a scheduler mean all of its processes
    told = started.communicate(timeout=60)[1]
    step = everything(tmp_path / "cut")["step"]
    assert 2 <= step < steps
    if how != signal.SIGKILL:
        assert f"stopped after step {step}, saved; the same command continues" in told
    else:
        assert step % CONFIG.save_every == 0
    train("toy", Toy(ToyConfig()), replace(CONFIG, steps=steps, device="cpu"), tmp_path / "cut")
    assert_same(everything(tmp_path / "whole"), everything(tmp_path / "cut"))


def test_two_processes_do_the_work_of_one(tmp_path: Path) -> None:
    """Under torchrun, up to rounding; and one may take over from two."""
    train("toy", Toy(ToyConfig()), replace(CONFIG, steps=20, device="cpu"), tmp_path / "one")
    file = tmp_path / "go.py"
    file.write_text(script(tmp_path / "two", 20))
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment())
    assert done.returncode == 0, done.stderr
    one, two = everything(tmp_path / "one"), everything(tmp_path / "two")
    assert two["step"] == 20
    torch.testing.assert_close(dict(one["network"]), dict(two["network"]), rtol=1e-4, atol=1e-6)
    for a, b in zip(one["curves"]["train"], two["curves"]["train"], strict=True):
        assert a == pytest.approx(b, rel=1e-3)
