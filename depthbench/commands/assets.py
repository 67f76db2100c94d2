# SPDX-License-Identifier: Apache-2.0
"""``depthbench assets``."""

from __future__ import annotations

from pathlib import Path

import rich_click as click


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def assets(folder: Path) -> None:
    """Check a folder of your own assets (HDRIs, textures, models) and list them with their licences.

    \b
      depthbench assets my_assets
      depthbench generate layered --assets my_assets --n 4 --out data/mine

    FOLDER/assets.toml names each file with kind, licence, source and scale_m; what is missing or wrong is named, exit code 2.
    """
    from rich.console import Console
    from rich.table import Table

    from depthbench.generators.assets import assets_digest, load_assets

    found = load_assets(folder)
    table = Table("file", "kind", "licence", "scale m", "sha256")
    for asset in found:
        table.add_row(asset.file, asset.kind, asset.licence, f"{asset.scale_m:g}", asset.sha256[:12])
    console = Console()
    console.print(table)
    console.print(f"{len(found)} assets, all in order; together {assets_digest(found)[:12]}", highlight=False)
