# SPDX-License-Identifier: Apache-2.0
"""``depthbench prepare``: one member per kind of data. To add one: a file with its command, and one line here."""

from __future__ import annotations

import rich_click as click

from depthbench.commands.prepare_dtu import dtu
from depthbench.commands.prepare_dvps import dvps
from depthbench.commands.prepare_mvs import mvs


@click.group()
def prepare() -> None:
    """Bring data that others made into a form that can be read here.

    \b
      depthbench prepare mvs --from colmap DIR --out data/mine
      depthbench prepare dvps --root data/cityscapes-dvps --out data/prepared
      depthbench prepare dtu --root data/dtu --split train --out data/dtu-shards
    """


prepare.add_command(dtu)
prepare.add_command(mvs)
prepare.add_command(dvps)
