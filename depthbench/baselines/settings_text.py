# SPDX-License-Identifier: Apache-2.0
"""Settings of a network as the text that a file of weights tells beside them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Self, cast

from depthbench.errors import DepthbenchError


class TextSettings:
    """For frozen dataclasses of numbers, names and switches, all with defaults."""

    def to_text(self) -> dict[str, str]:
        """Return plain text for a file's metadata."""
        return {field.name: str(getattr(self, field.name)) for field in _fields(type(self))}

    @classmethod
    def from_text(cls, told: Mapping[str, str], whole: bool = False) -> Self:
        """Undo :meth:`to_text`; other keys are left alone.

        Raises
        ------
        DepthbenchError
            If a setting is missing and ``whole`` is asked for; otherwise it has its default.
        """
        values: dict[str, Any] = {}
        for field in _fields(cls):
            if field.name in told:
                text, kind = told[field.name], type(getattr(cls, field.name))
                values[field.name] = text == "True" if kind is bool else kind(text)
            elif whole:
                raise DepthbenchError(f"does not tell its '{field.name}'; not weights that `depthbench train` wrote?")
        return cls(**values)


def _fields(settings: type[Any]) -> tuple[dataclasses.Field[Any], ...]:
    return dataclasses.fields(cast(Any, settings))
