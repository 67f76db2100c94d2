# SPDX-License-Identifier: Apache-2.0
"""``depthbench clusters``."""

from __future__ import annotations

from pathlib import Path

import rich_click as click


@click.command()
@click.argument("pictures", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="PNG to write.")
@click.option(
    "--weights", type=click.Path(path_type=Path), help="Checkpoint of icm-depth. Default: the one that comes with it."
)
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, ...")
def clusters(pictures: tuple[Path, ...], out: Path, weights: Path | None, device: str) -> None:
    """Draw what the clusters of icm-depth gather in pictures, one row each.

    The picture, its depth, the cluster to which each pixel belongs most at 1/16, 1/8 and 1/4 of its size (one colour for each cluster
    in all of them), and the largest clusters alone.

    \b
      depthbench clusters data/dvps-twin/video_sequence/val/000004_000024_*_leftImg8bit.png --out clusters.png
      depthbench clusters street.jpg --weights runs/icm/weights.safetensors --out clusters.png
    """
    from depthbench.baselines.icm_depth.model import IcmDepthModel
    from depthbench.baselines.icm_depth.picture import draw_clusters

    draw_clusters(IcmDepthModel(str(weights) if weights else "", device), pictures, out)
    click.echo(str(out))
