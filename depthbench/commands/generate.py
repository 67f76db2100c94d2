# SPDX-License-Identifier: Apache-2.0
"""``depthbench generate``: one member per kind of data. To add one: a file with its command, and one line here."""

from __future__ import annotations

import rich_click as click

from depthbench.commands.generate_dtu_twin import dtu_twin
from depthbench.commands.generate_dvps_twin import dvps_twin
from depthbench.commands.generate_focal import focal_stack
from depthbench.commands.generate_layered import layered
from depthbench.commands.generate_layered_test import layered_test
from depthbench.commands.generate_odms import odms
from depthbench.commands.generate_plates import plates


@click.group()
def generate() -> None:
    """Make data whose truth is exact, and can be checked again (``depthbench verify``, ``depthbench replay``).

    \b
      depthbench generate layered --n 4 --preset preview --out data/tiny
    """


generate.add_command(layered)
generate.add_command(layered_test)
generate.add_command(plates)
generate.add_command(odms)
generate.add_command(focal_stack)
generate.add_command(dvps_twin)
generate.add_command(dtu_twin)
