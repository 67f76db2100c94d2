# SPDX-License-Identifier: Apache-2.0
"""The door: ``depthbench``. Thin on purpose: modules in :mod:`depthbench.commands` import click and nothing heavy.

To add a command: one file in :mod:`depthbench.commands` and one line in :data:`COMMANDS`.
"""

from __future__ import annotations

import errno
import sys

import rich_click as click

from depthbench import __version__
from depthbench.errors import DepthbenchError
from depthbench.registry import lookup

COMMANDS = {
    "doctor": "depthbench.commands.doctor:doctor",
    "generate": "depthbench.commands.generate:generate",
    "prepare": "depthbench.commands.prepare:prepare",
    "status": "depthbench.commands.status:status",
    "assets": "depthbench.commands.assets:assets",
    "verify": "depthbench.commands.verify:verify",
    "stats": "depthbench.commands.stats:stats",
    "replay": "depthbench.commands.replay:replay",
    "twin": "depthbench.commands.twin:twin",
    "show": "depthbench.commands.show:show",
    "sweep": "depthbench.commands.sweep:sweep",
    "clusters": "depthbench.commands.clusters:clusters",
    "release": "depthbench.commands.release:release",
    "release-push": "depthbench.commands.release_push:release_push",
    "export": "depthbench.commands.export:export",
    "odms": "depthbench.commands.odms:odms",
    "train": "depthbench.commands.train:train",
    "eval": "depthbench.commands.eval:eval_command",
    "score": "depthbench.commands.score:score",
    "fuse": "depthbench.commands.fuse:fuse",
    "score-cloud": "depthbench.commands.score_cloud:score_cloud",
    "score-dvpq": "depthbench.commands.score_dvpq:score_dvpq",
    "submit": "depthbench.commands.submit:submit",
    "table": "depthbench.commands.table:table",
    "list": "depthbench.commands.list:list_command",
}


class LazyGroup(click.RichGroup):
    """A group that knows its commands by name and imports each one's module only when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of :data:`COMMANDS`, the order of a first walk through the tool."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command; an unknown name is answered with "did you mean"."""
        command: click.Command = lookup("command", cmd_name, COMMANDS)
        return command


CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 110}


@click.group(cls=LazyGroup, context_settings=CONTEXT)
@click.version_option(__version__, prog_name="depthbench")
@click.option("--debug", is_flag=True, help="Show the traceback of an error instead of one line.")
def cli(debug: bool) -> None:
    """Depth-estimation data whose truth is exact, and numbers that can be trusted.

    One command makes the data, one command measures a model on it:

    \b
      depthbench generate layered --n 4 --preset preview --out data/tiny
      depthbench eval --model sgbm --set data/tiny
    """


def main() -> None:
    """Run the command line; a fault that the user can mend is one line on stderr and exit code 2."""
    try:
        cli.main()
    except DepthbenchError as error:
        if "--debug" in sys.argv:
            raise
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
    except OSError as error:
        if "--debug" in sys.argv or error.errno not in (
            errno.ENOSPC,
            errno.EACCES,
            errno.EROFS,
            errno.EDQUOT,
        ):
            raise
        click.echo(f"error: {error.filename or 'disk'}: {error.strerror}", err=True)
        sys.exit(2)
