# SPDX-License-Identifier: Apache-2.0
"""The pages keep their word: links lead somewhere, named files exist, the two commands are there to be copied."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_pictures_exist(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http:", "https:")):
            assert (page.parent / target).is_file(), f"{page.name} points to {target}"


@pytest.mark.parametrize("number", [1, 2])
def test_the_two_commands_run_scripts_that_exist(number: int) -> None:
    found = re.search(
        rf"<!-- command {number} -->\n```sh\n(.+?)\n```", (ROOT / "README.md").read_text(encoding="utf-8")
    )
    assert found is not None
    script = found.group(1).split()[1]
    assert (ROOT / script).is_file()


def test_tables_of_names_are_told_in_the_readme() -> None:
    from depthbench.baselines import MODELS
    from depthbench.benchmarks.sets import SETS
    from depthbench.blender_scenes.layouts import LAYOUTS

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in (*MODELS, *LAYOUTS, *(set(SETS) - {"layered"})):
        assert f"`{name}`" in text, name
