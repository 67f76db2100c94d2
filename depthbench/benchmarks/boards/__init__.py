# SPDX-License-Identifier: Apache-2.0
"""Official boards that take predictions, one file each. To add one: a file with a class like :class:`.board.Board` and one
line in :data:`BOARDS`, under the name of its set.
"""

BOARDS = {
    "booster": "depthbench.benchmarks.boards.booster:BoosterBoard",
    "eth3d": "depthbench.benchmarks.boards.eth3d:Eth3dBoard",
    "kitti-2015": "depthbench.benchmarks.boards.kitti_2015:Kitti2015Board",
    "middlebury-v3": "depthbench.benchmarks.boards.middlebury_v3:MiddleburyBoard",
}
