# SPDX-License-Identifier: Apache-2.0
"""The one exception that users are meant to read, and the "did you mean" for unknown names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class DepthbenchError(Exception):
    """A fault in the input or the surroundings, told in one line that names the file and the remedy.

    The command line prints it without a traceback and leaves with exit code 2.
    """


class MissingExtraError(DepthbenchError):
    """An optional dependency is absent; the message names the extra that brings it."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs the package '{package}', which is not installed: "
            f'pip install "depthbench[{extra}]" (see `depthbench doctor`)'
        )


def unknown_name(kind: str, name: str, known: Iterable[str]) -> DepthbenchError:
    """Build the error for a name that is in no table, with near misses and the names that exist."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    return DepthbenchError(f"unknown {kind} '{name}': {hint}known: {', '.join(names[:20])}")
