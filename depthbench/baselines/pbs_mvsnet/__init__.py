# SPDX-License-Identifier: Apache-2.0
"""PBS-MVSNet: multi-view depth by a cost volume, a regulariser after BiSeNet in three dimensions, and a pyramid of depth maps.

Written from the paper's description. What it leaves open is a switch in :class:`.settings.PbsSettings`, with a sentence each.
"""
