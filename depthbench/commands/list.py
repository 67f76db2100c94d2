# SPDX-License-Identifier: Apache-2.0
"""``depthbench list``."""

from __future__ import annotations

import rich_click as click

KINDS = ("models", "sets", "protocols", "metrics", "scenes")


@click.command("list")
@click.argument("kind", type=click.Choice(KINDS), required=False)
def list_command(kind: str | None) -> None:
    """List what there is by name: models, sets, protocols, metrics, scenes; all of them without a word.

    \b
      depthbench list sets
    """
    from depthbench.benchmarks.catalogue import catalogue

    for name in [kind] if kind else KINDS:
        entries = catalogue(name)
        click.echo(f"{name}:")
        width = max(map(len, entries), default=0)
        for entry, told in entries.items():
            click.echo(f"  {entry:<{width}}  {told}")
