# SPDX-License-Identifier: Apache-2.0
"""``depthbench release``."""

from __future__ import annotations

import sys
from pathlib import Path

import rich_click as click


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="The release's folder.")
@click.option("--name", required=True, help="What the release is called; its files, too.")
@click.option("--version", required=True, help="Such as 1.0; data put right is a new version.")
@click.option(
    "--license", "license_name", required=True, help="SPDX name (CC-BY-4.0, CC0-1.0, ...) or a URL of the terms."
)
@click.option("--creator", required=True, help="Who publishes it.")
@click.option("--url", required=True, help="Where it is published.")
@click.option("--person", is_flag=True, help="The creator is a person, not an organisation.")
@click.option("--citation", help="How it is to be cited. Default: creator, name, version, URL.")
@click.option(
    "--format",
    "container",
    type=click.Choice(["tar", "hdf5"]),
    default="tar",
    show_default=True,
    help="Plain tars with WebDataset's names and an index for random access, or HDF5.",
)
@click.option("--shard-size", default="1GB", show_default=True, help="Largest size of a shard: 1GB, 500MB.")
@click.option(
    "--splits",
    default="train=0.9,val=0.05,test=0.05",
    show_default=True,
    help="Splits and their shares of the scenes; a scene is never cut. One split: train=1.",
)
@click.option(
    "--known-issue", "known_issues", multiple=True, metavar="SENTENCE", help="What users must know; repeatable."
)
@click.option(
    "--changelog",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Markdown file: which data were wrong in earlier versions and are put right.",
)
def release(
    folder: Path,
    out: Path,
    name: str,
    version: str,
    license_name: str,
    creator: str,
    url: str,
    person: bool,
    citation: str | None,
    container: str,
    shard_size: str,
    splits: str,
    known_issues: tuple[str, ...],
    changelog: Path | None,
) -> None:
    """Turn a generated folder into something to publish.

    Works for pairs of `generate layered`, `layered-test`, `plates`, for masks of `generate odms`, stacks of `generate focal-stack`,
    drives of `generate dvps-twin` and scans of `generate dtu-twin`. Writes splits by scene, shards, an index for random access, sha256 sums (pooch's format), a Croissant description, a
    dataset card with pictures and statistics, licences, and the record of how the data were made. Interrupted, the same command
    continues. Exit code: 0, 2 when the input is at fault, 130 after Ctrl-C.

    \b
      depthbench release data/layered --out release/glass --name glass --version 1.0 \\
          --license CC-BY-4.0 --creator "Example Lab" --url https://example.org/glass
      depthbench verify release/glass
    """
    from depthbench.formats.limits import MOST_TEXT_BYTES, read_limited
    from depthbench.release.build import Asked, build, parse_size
    from depthbench.release.splits import parse_splits
    from depthbench.release.words import Words

    words = Words(
        license=license_name,
        creator=creator,
        url=url,
        citation=citation or f"{creator}: {name}, version {version}. {url}",
        by_organisation=not person,
        known_issues=known_issues,
        changelog=read_limited(changelog, MOST_TEXT_BYTES, "changelog").decode("utf-8", "replace") if changelog else "",
    )
    asked = Asked(name, version, container, parse_size(shard_size), parse_splits(splits))
    try:
        manifest = build(folder, out, asked, words)
    except KeyboardInterrupt:
        click.echo(f"interrupted; finished shards are in {out}, the same command continues", err=True)
        sys.exit(130)
    for split, held in manifest.splits.items():
        click.echo(f"{split}: {held.samples} samples of {held.groups} scenes in {len(held.shards)} shards")
    click.echo(f"{out / 'README.md'}; check it: depthbench verify {out}")
