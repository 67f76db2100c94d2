# SPDX-License-Identifier: Apache-2.0
"""``depthbench generate focal-stack``."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import rich_click as click

from depthbench.commands._engine_options import InType, engine_choice, engine_options, out_option


@click.command("focal-stack")
@click.option("--from", "kind", required=True, help="Kind of source: nyu, tum, redwood, folder or layered (see above).")
@click.option("--root", type=InType(), required=True, help="Where the pictures with depth lie.")
@out_option
@click.option("--n", type=click.IntRange(min=1), help="Only the first so many frames. Default: all.")
@click.option("--split", default="all", show_default=True, help="train or test, of NYU v2's labelled file.")
@click.option(
    "--camera", default="hybriddepth-nyu", show_default=True, help="A camera by name; `--cameras` lists them."
)
@click.option("--cameras", is_flag=True, is_eager=True, expose_value=False, callback=lambda c, p, v: _list_cameras(c, v),
              help="List the cameras with their blur, and leave.")  # fmt: skip
@click.option("--focal-mm", type=float, help="Focal length, instead of the camera's.")
@click.option("--f-number", type=float, help="Aperture, instead of the camera's: 1.8 is wide, 16 narrow.")
@click.option("--pitch-um", type=float, help="Width of a pixel of the pictures on the sensor, instead of the camera's.")
@click.option("--fov-deg", type=float, help="Horizontal field of view of pictures that come without intrinsics.")
@click.option(
    "--focus",
    "policy",
    default="fixed",
    show_default=True,
    help="fixed: near to far in equal steps; dioptre-uniform: equal steps of 1/distance; quantile, gt-range: from each "
    "picture's own depth, which tells a model about the answer (every stack says so).",
)
@click.option("--planes", type=int, default=10, show_default=True, help="Pictures of a stack.")
@click.option(
    "--near-m", type=float, default=0.7, show_default=True, help="Nearest focus of fixed and dioptre-uniform."
)
@click.option("--far-m", type=float, default=10.0, show_default=True, help="Farthest focus; inf for dioptre-uniform.")
@click.option("--focus-m", "listed", help="The distances themselves, ascending, with commas between: 1,1.5,2.5,4,6.")
@click.option(
    "--renderer",
    default="layered",
    show_default=True,
    help="layered: linear light and occlusion; reference: the kernel that published stacks were made with; cycles: Blender "
    "renders the scenes of --from layered again through a real aperture.",
)
@click.option("--psf", default="disk", show_default=True, help="disk: a round aperture; gauss: a Gaussian as wide.")
@click.option(
    "--breathing", type=float, default=0.0, show_default=True, help="1: focusing magnifies as this lens does."
)
@click.option(
    "--misalign-px", type=float, default=0.0, show_default=True, help="Random shift and turn of each picture."
)
@click.option("--noise", default="off", show_default=True, help="off, mild or strong.")
@click.option("--bits", type=int, default=8, show_default=True, help="8 or 16 per channel.")
@click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Of noise and misalignment."
)
@click.option("--depth-unit-m", type=float, help="Metres per unit of the depth files, where the kind's is wrong.")
@click.option(
    "--layout",
    default="shards",
    show_default=True,
    help="shards: HDF5, 16 stacks each; folders-pfm, folders-png: plain files, depth in metres or 16-bit millimetres.",
)
@click.option("--samples", type=int, help="Paths per pixel of cycles. Default: those of the layered set.")
@click.option("--workers", type=click.IntRange(1, 256), help="Stacks made at once. Default: one per core, 8 at most.")
@click.option("--device", default="auto", show_default=True, help="Where cycles renders: auto, CPU, OPTIX, CUDA, ...")
@click.option(
    "--strict", is_flag=True, help="Stop at a frame that cannot be used, instead of naming and leaving it out."
)
@engine_options
def focal_stack(
    kind: str,
    root: Path,
    out: str | Path,
    n: int | None,
    split: str,
    camera: str,
    focal_mm: float | None,
    f_number: float | None,
    pitch_um: float | None,
    fov_deg: float | None,
    policy: str,
    planes: int,
    near_m: float,
    far_m: float,
    listed: str | None,
    renderer: str,
    psf: str,
    breathing: float,
    misalign_px: float,
    noise: str,
    bits: int,
    seed: int,
    depth_unit_m: float | None,
    layout: str,
    samples: int | None,
    workers: int | None,
    device: str,
    strict: bool,
    **engine: Any,
) -> None:
    """Make focal stacks of pictures with depth: what a camera sees, focused at one distance after another.

    \b
      depthbench generate focal-stack --from folder --root my_rgbd --camera phone --fov-deg 68 --out data/stacks
      depthbench show data/stacks
      depthbench eval --model focus-measure --set data/stacks

    Sources: `nyu` (the labelled .mat, or BTS's folders), `tum` (a TUM RGB-D sequence), `redwood` (16-bit depth in mm), `folder`
    (rgb/ and depth/, or NAME.jpg and NAME_depth.png), `layered` (what `generate layered` made: all layers are used).

    The stacks of HybridDepth's paper, whose focus planes tell the answer's range, on any processor:

    \b
      depthbench generate focal-stack --from nyu --root nyu_v2 --split test --focus gt-range --renderer reference --out data/paper

    Scenes of a layered set through Cycles' aperture, as truth for the others or as data:

    \b
      depthbench generate focal-stack --from layered --root data/layered --renderer cycles --camera dslr --out data/traced

    Holes of the depth are filled for rendering and stay holes in the truth. Each stack follows from the options, its frame and its
    number alone; interrupted, the same command continues; a larger --n adds. `depthbench verify` makes stacks again and compares.

    Exit code: 0 when every stack is there, 1 when frames were left out (they are named), 2 when the input is at fault, 130 after
    Ctrl-C.
    """
    from depthbench.errors import DepthbenchError
    from depthbench.generators.engines.stored import folder_for
    from depthbench.generators.focal.config import FocalConfig
    from depthbench.generators.focal.fill import fill, usual_workers
    from depthbench.generators.focal.planes import FROM_TRUTH, FocusPlanes
    from depthbench.generators.focal.stack_set import StackSet

    try:
        list_m = tuple(float(word) for word in listed.split(",")) if listed else ()
    except ValueError as error:
        raise DepthbenchError(
            f"--focus-m {listed}: write distances in metres with commas between, such as 1,1.5,2.5"
        ) from error
    config = FocalConfig(
        source=kind,
        planes=FocusPlanes(policy, len(list_m) or planes, near_m, far_m, list_m),
        camera=camera,
        focal_m=None if focal_mm is None else focal_mm / 1e3,
        f_number=f_number,
        pitch_m=None if pitch_um is None else pitch_um / 1e6,
        fov_deg=fov_deg,
        depth_unit_m=depth_unit_m,
        split=split,
        renderer=renderer,
        psf=psf,
        breathing=breathing,
        misalign_px=misalign_px,
        noise=noise,
        bits=bits,
        seed=seed,
        samples=samples,
    )
    if policy in FROM_TRUTH:
        click.echo(
            f"note: --focus {policy} chooses the planes by the true depth; every stack of this set says so", err=True
        )
    choice = engine_choice(**engine)
    try:
        with folder_for(out, choice.share) as (folder, url):
            result = fill(
                StackSet(config, layout),
                root,
                folder,
                n,
                strict=strict,
                device=device,
                workers=workers or usual_workers(),
                choice=replace(choice, url=url),
            )
    except KeyboardInterrupt:
        click.echo(f"interrupted; what is made is in {out}, the same command continues", err=True)
        sys.exit(130)
    click.echo(f"{out}: {result.made} stacks made, {result.there} are there")
    for name, reason in result.failed.items():
        click.echo(f"left out {name}: {reason}", err=True)
    sys.exit(1 if result.failed else 0)


def _list_cameras(context: click.Context, asked: bool) -> None:
    """Print the presets with their blur at NYU's field of view, and leave."""
    if not asked or context.resilient_parsing:
        return
    from depthbench.formats.nyu_labelled import INTRINSICS
    from depthbench.generators.focal.cameras import PRESETS, doubts, lens_of

    click.echo(f"{'camera':19s}{'f, mm':>7s}{'f/':>6s}{'pixel, um':>11s}{'px per dioptre':>16s}  of")
    for name, preset in PRESETS.items():
        lens = lens_of(preset, 640, INTRINSICS)
        numbers = f"{1000 * lens.focal_m:7.3g}{lens.f_number:6g}{1e6 * lens.pitch_m:11.3g}{lens.px_per_dioptre:16.3g}"
        click.echo(f"{name:19s}{numbers}  {preset.source}{' (impossible)' if doubts(lens, INTRINSICS) else ''}")
    click.echo(
        "\nAt 640 pixels and NYU v2's field of view, 63 degrees. Blur is in pixels of diameter per dioptre out of focus; "
        "impossible:\nno camera of these numbers sees that field of view."
    )
    context.exit()
