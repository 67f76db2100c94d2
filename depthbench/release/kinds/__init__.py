# SPDX-License-Identifier: Apache-2.0
"""What can be released: one file per kind of data, with a class like :class:`depthbench.release.kind.ReleaseKind`."""

KINDS = {
    "layered": "depthbench.release.kinds.layered:LayeredKind",
    "plates": "depthbench.release.kinds.layered:LayeredKind",
    "twin": "depthbench.release.kinds.layered:LayeredKind",
    "odms": "depthbench.release.kinds.odms:OdmsKind",
    "focal-stack": "depthbench.release.kinds.focal:FocalKind",
    "dvps-twin": "depthbench.release.kinds.driving:DrivingKind",
    "dtu-twin": "depthbench.release.kinds.scans:ScansKind",
}
"""Generator, as a folder's ``config.json`` names it -> how its samples are released."""
