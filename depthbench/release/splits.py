# SPDX-License-Identifier: Apache-2.0
"""Which split a scene belongs to: decided by the scene's number alone, never sample by sample.

Scene k lies at ``frac(1/2 + k / golden ratio)``, and the splits share the unit interval. These points are spread evenly whatever scenes
there are, every environment's included, and a scene keeps its split when the set grows: what was tested on is never trained on in
a later version. Of few scenes a split may have none; it is then given the one that lies nearest to its part of the interval.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction

from depthbench.errors import DepthbenchError

_GOLDEN = (math.sqrt(5) - 1) / 2
_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")


def parse_splits(text: str) -> dict[str, Fraction]:
    """Read ``train=0.9,val=0.05,test=0.05``; the shares are made to add up to 1.

    Raises
    ------
    DepthbenchError
        If it is not of this form, a name comes twice, or a share is not positive.
    """
    shares: dict[str, Fraction] = {}
    for entry in text.split(","):
        name, _, share = (word.strip() for word in entry.partition("="))
        try:
            value = Fraction(share)
        except (ValueError, ZeroDivisionError):
            value = Fraction(0)
        if not _NAME.fullmatch(name) or value <= 0 or name in shares:
            raise DepthbenchError(f"--splits: '{entry.strip()}' is no NAME=SHARE, as in train=0.9,val=0.05,test=0.05")
        shares[name] = value
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items()}


def assign(groups: Iterable[int], shares: Mapping[str, Fraction]) -> dict[int, str]:
    """Return the split of every group.

    Raises
    ------
    DepthbenchError
        If there are fewer groups than splits.
    """
    places = {group: math.modf(0.5 + group * _GOLDEN)[0] for group in sorted(set(groups))}
    if len(places) < len(shares):
        raise DepthbenchError(
            f"--splits: {len(places)} scenes cannot be divided into {len(shares)} splits ({', '.join(shares)}), since no scene is cut; "
            "give fewer, such as train=1"
        )
    bounds, low = {}, 0.0
    for name, share in shares.items():
        bounds[name] = (low, low + float(share))
        low += float(share)
    last = list(shares)[-1]
    found = {
        group: next((name for name, (first, end) in bounds.items() if first <= place < end), last)
        for group, place in places.items()
    }
    for name, (first, end) in bounds.items():
        if name not in found.values():
            counts = Counter(found.values())
            middle = (first + end) / 2
            spare = [group for group in places if counts[found[group]] > 1]
            found[min(spare, key=lambda group: (abs(places[group] - middle), group))] = name
    return found
