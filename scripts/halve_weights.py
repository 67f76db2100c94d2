# SPDX-License-Identifier: Apache-2.0
"""Store a checkpoint of ``depthbench train`` in half precision, as those that come with depthbench are.

    python scripts/halve_weights.py runs/odn-l/weights.safetensors depthbench/baselines/odn/checkpoints/odn-l.safetensors

What the file tells of its training stays, with the sha256 of the file that it was made from.
"""

from __future__ import annotations

import sys

from depthbench.baselines.weights_file import file_sha256, read_weights, write_weights


def main(source: str, target: str) -> None:
    """Read, halve, write."""
    state, told = read_weights(source)
    halved = {name: value.half() if value.is_floating_point() else value for name, value in state.items()}
    unbounded = [name for name, value in halved.items() if value.is_floating_point() and not value.isfinite().all()]
    if unbounded:
        sys.exit(f"{source}: too large for half precision: {', '.join(unbounded)}")
    write_weights(target, halved, told | {"halved_from_sha256": file_sha256(source)})


if __name__ == "__main__":
    main(*sys.argv[1:])
