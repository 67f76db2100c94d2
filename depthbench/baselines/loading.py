# SPDX-License-Identifier: Apache-2.0
"""From what a user types after ``--model`` to a model that is ready to run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from depthbench.baselines import MODELS
from depthbench.benchmarks.options import construct
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.registry import load_from_file, lookup
from depthbench.tasks import Model

ENTRY_POINTS = "depthbench.models"


@dataclass(frozen=True)
class LoadedModel:
    """A model and how it was asked for.

    Attributes
    ----------
    name : str
        Table name, entry-point name, or class name of a file.
    label : str
        The name with its options, safe as a folder name: ``sgbm-fill=true``.
    reference : str
        What the user typed.
    """

    model: Model
    name: str
    label: str
    reference: str
    options: Mapping[str, Any]


def plugins() -> dict[str, str]:
    """Return the models that installed packages offer: name -> ``module:object``."""
    return {point.name: point.value for point in entry_points(group=ENTRY_POINTS)}


def _label(key: str, value: Any) -> str:
    """Write an option's value for a folder name: a checkpoint by its file's name alone (the record has its hash)."""
    if key == "weights":
        return Path(str(value)).stem
    return str(value).lower() if isinstance(value, bool) else str(value)


def model_class(reference: str) -> tuple[Any, str]:
    """Return the class of a model and its name, by its name or from ``path/to/file.py:Class``.

    Raises
    ------
    DepthbenchError
        If the name, file or class is unknown, or the class is no model.
    """
    outside = plugins()
    if reference.rpartition(":")[0].endswith(".py"):
        cls, name = load_from_file(reference), reference.rpartition(":")[2]
    elif reference in outside and reference not in MODELS:
        cls, name = lookup("model", reference, outside), reference
    elif reference in MODELS:
        cls, name = lookup("model", reference, MODELS), reference
    else:
        raise unknown_name("model", reference, {*MODELS, *outside})
    for method in ("prepare", "forward", "finish"):
        if not callable(getattr(cls, method, None)):
            raise DepthbenchError(f"model {reference}: has no method '{method}'; see depthbench.tasks.Model")
    if not hasattr(cls, "task"):
        raise DepthbenchError(f'model {reference}: does not say its task, as in: task = "stereo"')
    return cls, name


def load_model(reference: str, options: Mapping[str, Any] | None = None) -> LoadedModel:
    """Load a model by its name, or from ``path/to/file.py:Class``, and build it with ``options``.

    Raises
    ------
    DepthbenchError
        If the name, file, class or an option is unknown, or the class is no model.
    """
    options = options or {}
    cls, name = model_class(reference)
    model: Model = construct(cls, f"model {name}", options=options)
    words = [f"{key}={_label(key, value)}" for key, value in options.items()]
    label = "-".join([name, *sorted(words)]).replace("/", "_")
    return LoadedModel(model, name, label, reference, dict(options))
