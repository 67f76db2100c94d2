# SPDX-License-Identifier: Apache-2.0
"""What moves in a street, and what regulates it, one by one."""

from __future__ import annotations

from typing import ClassVar

from thing_tests import Choices, Heights, ThingTests


class TestThings(ThingTests):
    objects: ClassVar[Choices] = {
        "bus": [[]],
        "lorry": None,
        "person": [["walking"], ["standing"]],
        "traffic_light": None,
    }
    seeds = (2, 7)
    # Limbs grow out of clothes; a lorry's load is bolted to its frame, a bus is welded, a lamp's head sits on its post.
    grown = ("person", "lorry", "bus", "signal")
    up_m = 0.006
    height_m: ClassVar[Heights] = {
        "bus": (2.8, 3.3), "lorry": (2.5, 3.7), "person": (1.5, 2.0), "traffic_light post": (3.2, 3.5), "traffic_light mast": (5.4, 6.3)
    }  # fmt: skip
    seen_through = ()
