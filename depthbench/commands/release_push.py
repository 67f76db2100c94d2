# SPDX-License-Identifier: Apache-2.0
"""``depthbench release-push``."""

from __future__ import annotations

from pathlib import Path

import rich_click as click


@click.command("release-push")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--repo", required=True, metavar="USER/NAME", help="The dataset on Hugging Face.")
@click.option("--dry-run", is_flag=True, help="Needed: depthbench itself sends nothing.")
def release_push(folder: Path, repo: str, dry_run: bool) -> None:
    """Prepare a release for Hugging Face: hold it against the limits there, and say how to send it.

    Checked are sizes (files under 20 GB), entries (under 10,000 a folder), the number of files, that every file of the registry is there,
    and that the last `depthbench verify` found all well. FOLDER/upload.json then lists the commits, 50 files each, shards first. Nothing is
    sent; the command that sends it with Hugging Face's own tool is printed.

    \b
      depthbench release-push release/glass --repo example/glass --dry-run
    """
    from depthbench.errors import DepthbenchError
    from depthbench.release.upload import UPLOAD_FILE, plan_upload, upload_command

    if not dry_run:
        raise DepthbenchError(
            f"depthbench sends nothing: give --dry-run to check and plan, then run {upload_command(folder, repo)}"
        )
    upload = plan_upload(folder, repo)
    click.echo(
        f"{upload.files:,} files, {upload.bytes:,} bytes, {upload.large:,} of them in large-file storage, {len(upload.commits):,} commits"
    )
    if not upload.verified:
        click.echo(f"note: not checked yet; run `depthbench verify {folder}` first")
    click.echo(f"{folder / UPLOAD_FILE}; to send it: {upload_command(folder, repo)}")
