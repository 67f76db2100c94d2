# SPDX-License-Identifier: Apache-2.0
"""How a condition enters: two experts mixed by what is seen and what is asked for, and a direct injection beside them."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from depthbench.baselines.s2m2.attention import FeedForward, normalise

BUMPS = 9


class ConditionEmbedding(nn.Module):
    """c in [0, 1], float (B,) -> (B, D), of unit variance: bumps along the axis of c, then two layers.

    Bumps, unlike sines of whole periods, have nothing in common at the two ends.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        # constants would make all conditions alike at the start
        self.mlp = nn.Sequential(nn.Linear(BUMPS, width, bias=False), nn.GELU(), nn.Linear(width, width, bias=False))

    def forward(self, c: Tensor) -> Tensor:
        """Return the embedding."""
        distance = (c[:, None] - torch.linspace(0, 1, BUMPS, device=c.device)) * (BUMPS - 1)
        return normalise(self.mlp(torch.exp(-0.5 * distance.square())))


class Router(nn.Module):
    """Soft weights of the experts for every token, from the token and the condition.

    At the start the weights lean on c alone, half the experts towards the near and half towards the far: experts that start
    equal and are weighted equally would get equal gradients and stay equal.
    """

    def __init__(self, channels: int, width: int, experts: int) -> None:
        super().__init__()
        hidden = max(8, channels // 4)
        self.token = nn.Linear(channels, hidden)
        self.condition = nn.Linear(width, hidden, bias=False)
        self.out = nn.Linear(hidden, experts)
        self.lean = nn.Linear(1, experts, bias=False)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)
        with torch.no_grad():
            self.lean.weight.copy_(torch.linspace(-1, 1, experts)[:, None])

    def forward(self, tokens: Tensor, embedding: Tensor, c: Tensor) -> Tensor:
        """``tokens`` (B, H, W, C), ``embedding`` (B, D), ``c`` (B,) -> (B, H, W, experts), summing to 1."""
        hidden = nn.functional.gelu(self.token(tokens) + self.condition(embedding)[:, None, None])
        logits: Tensor = self.out(hidden) + self.lean(2 * c[:, None] - 1)[:, None, None]
        return logits.softmax(dim=-1)


class Injection(nn.Module):
    """A(x, c) = sigmoid(q_x . k_c) v_c, per head, and a projection that starts at zero.

    There is one key per picture, so the attention is a gate: each token says how much of the condition's value it takes.
    """

    def __init__(self, channels: int, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q = nn.Linear(channels, channels, bias=False)
        self.k = nn.Linear(width, channels, bias=False)
        self.v = nn.Linear(width, channels)
        self.proj = nn.Linear(channels, channels, bias=False)
        nn.init.zeros_(self.proj.weight)

    def forward(self, tokens: Tensor, embedding: Tensor) -> Tensor:
        """``tokens`` (B, H, W, C), ``embedding`` (B, D) -> (B, H, W, C)."""
        batch, height, width, channels = tokens.shape
        shape = (batch, 1, 1, self.heads, channels // self.heads)
        q = self.q(tokens).reshape(batch, height, width, self.heads, -1)
        k, v = self.k(embedding).reshape(shape), self.v(embedding).reshape(shape)
        gate = torch.sigmoid((q * k).sum(dim=-1, keepdim=True) * shape[-1] ** -0.5)
        out: Tensor = self.proj((gate * v).flatten(3))
        return out


class ConditionalFeedForward(nn.Module):
    """What takes the place of a residual perceptron: x + experts(LN x; c) + injection(LN x, c).

    Parameters
    ----------
    channels, width, heads : int
        Of the tokens, of the condition's embedding, of the injection.
    experts : int
        1 switches the mixture off, for ablations.
    inject : bool
        False switches the injection off.
    """

    def __init__(self, channels: int, width: int, heads: int, experts: int = 2, inject: bool = True) -> None:
        super().__init__()
        self.experts = nn.ModuleList(FeedForward(channels).ffn for _ in range(experts))
        self.router = Router(channels, width, experts) if experts > 1 else None
        self.injection = Injection(channels, width, heads) if inject else None

    def start_from(self, replaced: FeedForward) -> None:
        """Make every expert a copy of the perceptron that this one replaces: until trained, it gives the same for every c."""
        for expert in self.experts:
            expert.load_state_dict(replaced.ffn.state_dict())

    def forward(self, tokens: Tensor, embedding: Tensor, c: Tensor) -> Tensor:
        """``tokens`` (B, H, W, C), ``embedding`` (B, D), ``c`` (B,) -> (B, H, W, C)."""
        normal = normalise(tokens)
        first, *others = [expert(normal) for expert in self.experts]
        out: Tensor = tokens + first
        if self.router is not None:
            weights = self.router(normal, embedding, c).unbind(dim=-1)[1:]
            # the weighted mean of the experts, written so that equal experts give their common value exactly
            mixed = first + sum(
                weight.unsqueeze(-1) * (other - first) for weight, other in zip(weights, others, strict=True)
            )
            out = tokens + mixed
        if self.injection is not None:
            out = out + self.injection(normal, embedding)
        return out
