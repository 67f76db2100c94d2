# SPDX-License-Identifier: Apache-2.0
"""Pickles of plain data, read without running anything that they ask for.

A pickle is a program: it may name any function and call it. Here the names are refused before they are looked up, but for
those of numpy that rebuild an array or a number; lists, tuples, dicts, numbers and text need none.
"""

from __future__ import annotations

import io
import pickle
import pickletools
from pathlib import Path
from typing import Any

from depthbench.errors import DepthbenchError
from depthbench.formats.limits import MOST_TEXT_BYTES, read_limited

_ALLOWED = {("numpy", "dtype"), ("numpy", "ndarray"), ("_codecs", "encode")} | {
    (f"numpy.{core}.{module}", name)
    for core in ("core", "_core")
    for module, name in (("multiarray", "scalar"), ("multiarray", "_reconstruct"), ("numeric", "_frombuffer"))
}


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module_name: str, global_name: str, /) -> Any:
        if (module_name, global_name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"it asks for {module_name}.{global_name}, which plain data does not need")
        return super().find_class(module_name, global_name)


def read_plain_pickle(path: str | Path) -> Any:
    """Read a pickle of lists, tuples, dicts, numbers, text and numpy arrays.

    Raises
    ------
    DepthbenchError
        If the file is absent, cut short, no pickle, or asks for anything else; the message names it. Nothing of it has run.
    """
    data = read_limited(path, MOST_TEXT_BYTES, "pickle of plain data")
    try:
        for opcode, argument, _ in pickletools.genops(data):
            # the reader makes room for every number below
            if "PUT" in opcode.name and argument is not None and int(argument) > len(data):
                raise pickle.UnpicklingError(f"it keeps something under the number {argument}")
        return _PlainUnpickler(io.BytesIO(data)).load()
    except Exception as error:  # a damaged pickle can raise anything
        raise DepthbenchError(f"{path}: not a pickle of plain data ({error}); fetch it again") from error
