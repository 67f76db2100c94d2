# SPDX-License-Identifier: Apache-2.0
"""Shared fixtures: the reference data folder, and whether Blender is here."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import hypothesis
import pytest

# how long an example takes says something of the machine, nothing of the code
hypothesis.settings.register_profile("depthbench", deadline=None)
hypothesis.settings.load_profile("depthbench")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of reference data; the test is skipped where ``DEPTHBENCH_SHARED`` names none."""
    folder = os.environ.get("DEPTHBENCH_SHARED")
    if not folder or not Path(folder).is_dir():
        pytest.skip("DEPTHBENCH_SHARED names no folder of reference data")
    return Path(folder)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what renders where the [render] extra is not installed."""
    if importlib.util.find_spec("bpy") is None:
        skip = pytest.mark.skip(reason='Blender is not installed: pip install "depthbench[render]" on Python 3.11')
        for item in items:
            if "render" in item.keywords:
                item.add_marker(skip)
