# SPDX-License-Identifier: Apache-2.0
"""``key=value`` options that users give to models and sets, and objects built with them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from depthbench.errors import DepthbenchError, unknown_name


def parse_options(words: Iterable[str]) -> dict[str, bool | int | float | str]:
    """Turn ``["fill=true", "blocks=3"]`` into ``{"fill": True, "blocks": 3}``; what is no number or truth value stays text.

    Raises
    ------
    DepthbenchError
        If a word has no ``=``.
    """
    options: dict[str, bool | int | float | str] = {}
    for word in words:
        key, equals, text = word.partition("=")
        if not equals or not key:
            raise DepthbenchError(f"option '{word}': write it as key=value")
        options[key] = _value(text)
    return options


def parse_sweep(word: str) -> tuple[str, list[bool | int | float | str]]:
    """Turn ``"c=0,0.5,1"`` into ``("c", [0, 0.5, 1])``.

    Raises
    ------
    DepthbenchError
        If there is no ``=``, or no value, or one twice.
    """
    key, equals, text = word.partition("=")
    values = [_value(part) for part in text.split(",") if part]
    if not equals or not key or not values or len(set(map(str, values))) < len(values):
        raise DepthbenchError(f"sweep '{word}': write it as key=value,value with different values, such as c=0,1")
    return key, values


def _value(text: str) -> bool | int | float | str:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def construct(make: Callable[..., Any], what: str, *arguments: Any, options: Mapping[str, Any]) -> Any:
    """Call ``make(*arguments, **options)``, answering options that it does not take with "did you mean".

    Raises
    ------
    DepthbenchError
        If an option is unknown.
    """
    parameters = list(inspect.signature(make).parameters.values())[len(arguments) :]
    if all(parameter.kind != parameter.VAR_KEYWORD for parameter in parameters):
        known = [parameter.name for parameter in parameters]
        for key in options:
            if key not in known:
                raise unknown_name(f"option of {what}", key, known)
    return make(*arguments, **options)
