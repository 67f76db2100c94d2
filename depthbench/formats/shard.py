# SPDX-License-Identifier: Apache-2.0
"""Shards of layered stereo samples: one HDF5 file per scene (or per view while a scene is under way).

::

    /                                  format = "depthbench layered shard", schema_version, gt_bits, attrs_json
    /ids             S..  (N,)         the samples, in order; written last
    /surfaces        compound (M,)     id, name, class, closed, ior, reflective, planar: every surface of the scene
    /samples/<id>                      width, height, fx, fy, cx, cy (px), baseline_m, doffs_px, meta_json
    /samples/<id>/left, /right         cam_to_world: float64 (4, 4), OpenCV camera to world, metres
        image        uint8 (bytes)     RGB, encoded as PNG
        count        uint8   (H, W)    layers per pixel, 0 (sky) to 8
        disp_px      float32 (N,)      disparity of each layer, positive in both eyes; rounded, see below
        surface_id   int32   (N,)      its number in /surfaces, the same in both eyes
        surface_class uint8  (N,)      1 opaque, 2 transmissive, 3 screen
        visibility   uint8   (N,)      in the other eye: 1 visible, 2 occluded, 3 out of frame
        see_through  uint8   (H, W)    1 where the first surface is transmissive or a screen (follows from surface_class)
        reflective   uint8   (H, W)    1 where a mirror-like surface is seen
        refraction_px float32 (H, W)   distance between where the other eye sees what is seen here and where straight rays say;
                                       0 where nothing refracts, NaN where unknown; rounded like disp_px

The (N,) arrays hold the N = sum of ``count`` layers that are there: all first layers row by row, then all second ones, and so
on. :class:`ShardReader` gives them as (K, H, W); by hand::

    layers = np.full((count.max(), *count.shape), np.nan, np.float32)
    layers[np.arange(count.max())[:, None, None] < count] = disp_px

Each array is one chunk, gzip + shuffle; what gzip would not shrink carries a Fletcher-32 checksum, so every byte of a sample
is covered by some checksum. Pixel conventions: :mod:`depthbench.camera`.

**Rounding.** ``disp_px`` and ``refraction_px`` are rounded to the nearest multiple of 2^-gt_bits px, so the error is at
most 2^-(gt_bits + 1) px whatever the disparity: 6.1e-5 px for the default of 13. With 23 or more nothing is rounded.
An absolute step compresses better than a fixed number of mantissa bits of equal worst error, which keeps bits of far surfaces
that are not needed (by 8 % on rendered cafes up to 82 px; the default saves 23 % against lossless).

The file has no time stamps and a fixed order: the same records give the same bytes, as long as the libraries (HDF5, zlib,
Pillow) are the same. Between versions of these the content is the same, the bytes need not be.
"""

from depthbench.formats.layered_record import EYES, Eye, EyeRecord, LayeredRecord
from depthbench.formats.shard_reader import ShardReader, StoredRecord
from depthbench.formats.shard_schema import DEFAULT_GT_BITS, LOSSLESS_GT_BITS, SCHEMA_VERSION, round_px
from depthbench.formats.shard_writer import write_shard

__all__ = [
    "DEFAULT_GT_BITS",
    "EYES",
    "LOSSLESS_GT_BITS",
    "SCHEMA_VERSION",
    "Eye",
    "EyeRecord",
    "LayeredRecord",
    "ShardReader",
    "StoredRecord",
    "round_px",
    "write_shard",
]
