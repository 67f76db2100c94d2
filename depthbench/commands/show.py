# SPDX-License-Identifier: Apache-2.0
"""``depthbench show``."""

from __future__ import annotations

from pathlib import Path

import rich_click as click


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="PNG to write. Default: FOLDER/contact_sheet.png."
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=6,
    show_default=True,
    help="How many samples, taken evenly from the folder.",
)
@click.option("--id", "ids", multiple=True, help="A sample to show, by its id; may be given several times.")
@click.option(
    "--set-option",
    "set_options",
    multiple=True,
    metavar="KEY=VALUE",
    help="Of a folder of focal stacks: unit=cm of its distances, near_m= and far_m= where it has none, reverse=true; repeatable.",
)
def show(folder: Path, out: Path | None, limit: int, ids: tuple[str, ...], set_options: tuple[str, ...]) -> None:
    """Draw a contact sheet of generated samples: pictures, layers, masks.

    One row per sample: left, right, every layer front to back in turbo (one range per sample, printed below), the last layer,
    see-through and reflective pixels, what the right eye sees, and by how much refraction moves the picture. A folder whose
    generation was interrupted is shown as far as it goes.

    A folder of masks for depth from motion (data/val/normal/...): one row per example, masks in order with how far behind the
    camera was, the final pose's outline, the estimate of vos-de and the truth. Of masks that `generate odms` made: the contour
    with its control points, and the masks with distances and areas.

    A folder of focal stacks (pictures and focus_distance.txt, or folders of such): a strip of the stack, the all-in-focus picture,
    the true depth where there is one, the estimate of focus-measure and its error. Of stacks that `generate focal-stack` made: the
    strip, the all-in-focus picture and the depth, with camera and blur.

    Frames of `prepare dvps`: picture, depth, instances in the colour of their median depth, membership at every stride.

    A folder of driven sequences (`generate dvps-twin`): one row per frame, the picture, classes and instances, depth.

    Scans of `prepare dtu` or `generate dtu-twin`: one row per scan, views, lights and the depth of the first view.

    \b
      depthbench show data/tiny --out tiny.png
      depthbench show data/tiny --id cafe-000000-0001
      depthbench show data/odms --id val/normal/synthetic_1
      depthbench show photos/desk --set-option unit=cm --out desk.png
    """
    from depthbench.benchmarks.focus_show import show_stacks
    from depthbench.benchmarks.motion_show import holds_motion, show_motion
    from depthbench.benchmarks.options import parse_options
    from depthbench.benchmarks.sets.focus_folder import holds_stacks
    from depthbench.generators.contact_sheet import show as show_layered
    from depthbench.generators.driving.check import holds_drives
    from depthbench.generators.driving.picture import show_drives
    from depthbench.generators.driving_shards.folder import holds_driving_frames
    from depthbench.generators.driving_shards.picture import show_frames
    from depthbench.generators.focal.picture import show_generated
    from depthbench.generators.focal.stack_set import holds_generated_stacks
    from depthbench.generators.mvs.picture import holds_scans, show_scans
    from depthbench.generators.odms.mask_set import holds_masks
    from depthbench.generators.odms.picture import show_masks

    out = out or folder / "contact_sheet.png"
    options = parse_options(set_options)
    if "near_m" in options or holds_stacks(folder):
        click.echo(show_stacks(folder, out, limit, ids, options))
        return
    if holds_scans(folder):
        click.echo(show_scans(folder, out, limit, ids))
        return
    if holds_generated_stacks(folder):
        click.echo(show_generated(folder, out, limit, ids))
        return
    if holds_driving_frames(folder):
        click.echo(show_frames(folder, out, limit, ids))
        return
    if holds_drives(folder):
        click.echo(show_drives(folder, out, limit, ids))
        return
    draw = show_masks if holds_masks(folder) else show_motion if holds_motion(folder) else show_layered
    click.echo(draw(folder, out, limit, ids))
