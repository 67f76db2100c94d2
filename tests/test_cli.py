# SPDX-License-Identifier: Apache-2.0
"""The door: every command has help, the help loads nothing heavy, mistakes get one line and exit code 2."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from depthbench.cli import COMMANDS

HEAVY = ("torch", "bpy", "numpy", "scipy", "h5py", "matplotlib", "cv2", "trimesh", "PIL")

SUBCOMMANDS = [[name] for name in COMMANDS] + [
    ["generate", "layered"],
    ["generate", "layered-test"],
    ["generate", "plates"],
    ["odms", "track"],
    ["prepare", "mvs"],
    ["generate", "odms"],
]


def run(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run depthbench as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "depthbench", *words], capture_output=True, text=True, cwd=cwd, timeout=120
    )


@pytest.mark.parametrize("words", [[], *SUBCOMMANDS], ids=" ".join)
def test_help_teaches_and_imports_nothing_heavy(words: list[str]) -> None:
    """Each help page prints, and leaves sys.modules free of every heavy package."""
    script = (
        "import sys\n"
        "from depthbench.cli import cli\n"
        "try:\n"
        f"    cli.main({[*words, '--help']!r}, prog_name='depthbench')\n"
        "except SystemExit as leave:\n"
        "    assert leave.code == 0, leave.code\n"
        f"loaded = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "print('LOADED', loaded)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().endswith("LOADED []"), done.stdout
    assert "Usage" in done.stdout


@pytest.mark.parametrize("words", SUBCOMMANDS, ids=" ".join)
def test_every_command_stands_in_the_docs(words: list[str]) -> None:
    """The page of commands names each one."""
    page = Path(__file__).parents[1] / "docs" / "commands.md"
    assert f"depthbench {' '.join(words)}" in page.read_text(encoding="utf-8")


def test_every_option_has_a_help_sentence() -> None:
    """No option is left to be guessed."""
    import rich_click as click

    from depthbench.cli import cli

    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        members = list(command.commands.values()) if isinstance(command, click.Group) else [command]
        for member in members:
            assert member.help, member.name
            for parameter in member.params:
                if isinstance(parameter, click.Option):
                    assert parameter.help, f"{member.name} {parameter.opts}"


def test_unknown_command_suggests_the_near_one() -> None:
    """A slip of the finger is answered with the right word, one line, exit code 2."""
    done = run("generat")
    assert done.returncode == 2
    assert "did you mean generate?" in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_names_what_is_there(tmp_path: Path) -> None:
    """The doctor answers about Blender, ray casting, disk and sets, and leaves with 0 whatever is missing."""
    done = run("doctor", "--folder", str(tmp_path))
    assert done.returncode == 0, done.stderr
    for word in ("Blender", "Ray casting", "Free disk", "PyTorch", "middlebury-v3"):
        assert word in done.stdout
