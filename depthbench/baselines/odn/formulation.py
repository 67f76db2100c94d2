# SPDX-License-Identifier: Apache-2.0
"""What the network's one number means: equations 11 to 14 of the paper. Any unit of length; the depth comes out in it.

Depths are d_1 (final pose) to d_n (first pose), D = d_n - d_1 is the camera's whole way.

========  ===================  =================  =====================================
name      number learnt, f     depth d_1          movement that the network is told
========  ===================  =================  =====================================
``l``     d_1 / d_n            D f / (1 - f)      (d_i - d_1) / D, i = 2 ... n - 1
``dbar``  d_1 / D              D f                the same
``d``     d_1                  f                  d_i - d_1, i = 2 ... n
========  ===================  =================  =====================================
"""

from __future__ import annotations

from torch import Tensor

from depthbench.errors import unknown_name

FORMULATIONS = ("l", "dbar", "d")


def check_formulation(name: str) -> str:
    """Return the name, or refuse it."""
    if name not in FORMULATIONS:
        raise unknown_name("formulation", name, FORMULATIONS)
    return name


def movement_size(name: str, observations: int) -> int:
    """Return how many numbers tell the network of the movement; 0 for two observations but in metres."""
    return observations - 1 if name == "d" else observations - 2


def movement(name: str, behind_m: Tensor) -> Tensor:
    """Return what the network is told, (B, :func:`movement_size`), of how far the camera stood behind the final pose (B, n)."""
    way = behind_m - behind_m[:, :1]
    return way[:, 1:] if name == "d" else way[:, 1:-1] / way[:, -1:]


def target(name: str, depth_m: Tensor, behind_m: Tensor) -> Tensor:
    """Return the number (B,) that the network shall give for true depths (B,)."""
    way = behind_m[:, -1] - behind_m[:, 0]
    return {"l": lambda: depth_m / (depth_m + way), "dbar": lambda: depth_m / way, "d": lambda: depth_m}[name]()


def depth(name: str, number: Tensor, behind_m: Tensor) -> Tensor:
    """Return depths (B,) at the final pose; not finite where ``l`` says 1 (the object did not grow) or nothing moved."""
    way = behind_m[:, -1] - behind_m[:, 0]
    return {"l": lambda: way * number / (1 - number), "dbar": lambda: way * number, "d": lambda: number}[name]()
