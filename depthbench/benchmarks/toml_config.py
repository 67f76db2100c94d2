# SPDX-License-Identifier: Apache-2.0
"""TOML tables into frozen dataclasses: unknown keys, missing keys and values of another type are errors."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from typing import Any

from depthbench.errors import DepthbenchError, unknown_name

T = typing.TypeVar("T")


def _convert(value: Any, kind: Any, where: str) -> Any:
    """Check ``value`` against the type ``kind`` (as far as configuration needs) and return it in that type."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind):
        return from_table(typing.cast(type[Any], kind), value, where)
    if origin is types.UnionType:
        inner = next(argument for argument in arguments if argument is not type(None))
        return None if value is None else _convert(value, inner, where)
    if origin is typing.Literal:
        if value not in arguments:
            raise unknown_name(f"value of {where}", str(value), map(str, arguments))
        return value
    if origin is tuple and isinstance(value, list):
        return tuple(_convert(item, arguments[0], f"{where}[{index}]") for index, item in enumerate(value))
    if origin is Mapping and isinstance(value, dict):
        return {str(key): _convert(item, arguments[1], f"{where}.{key}") for key, item in value.items()}
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if origin is None and type(value) is kind:
        return value
    raise DepthbenchError(f"{where}: {value!r} is not of the type {getattr(kind, '__name__', kind)}")


def from_table(cls: type[T], table: Any, where: str) -> T:
    """Build the dataclass ``cls`` from a TOML table.

    Parameters
    ----------
    cls : dataclass
        Its fields may be str, int, float, bool, Literal, tuple[X, ...], Mapping[str, X], X | None or dataclasses.
    table : mapping
        What ``tomllib`` gave.
    where : str
        Named in errors: the file, then the keys down to here.

    Raises
    ------
    DepthbenchError
        For an unknown or missing key, or a value of another type.
    """
    if not isinstance(table, dict):
        raise DepthbenchError(f"{where}: a table is needed")
    hints = typing.get_type_hints(cls)
    fields = {field.name: field for field in dataclasses.fields(typing.cast(Any, cls))}
    for key in table:
        if key not in fields:
            raise unknown_name(f"key in {where}", key, fields)
    for name, field in fields.items():
        optional = field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
        if name not in table and not optional:
            raise DepthbenchError(f"{where}: the key '{name}' is missing")
    return cls(**{key: _convert(value, hints[key], f"{where}: {key}") for key, value in table.items()})
