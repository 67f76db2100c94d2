# SPDX-License-Identifier: Apache-2.0
"""Membership targets of instances by depth: what the clusters of ``icm-depth`` are matched with.

Fuzzy C-means says how much a pixel of depth x belongs to a centroid c_i among c_1 .. c_M: ``|x - c_i|^-p`` over the sum of
``|x - c_k|^-p``, with p = 2 / (m - 1) and fuzziness m. Here a centroid is the median depth of an instance, and each pixel keeps its
membership in the instance that it is part of, alone. So a column of the matrix G (M x pixels) has one entry at most, and G is stored
as two numbers per pixel (:class:`.levels.MembershipMap`) instead of M.

What the formula leaves open is decided so:

=============================== =============================================================================
a pixel at a centroid's depth   1: distances are at least :data:`.values.LEAST_M`, half a step of the depth files
equal medians of instances      they share equally: 0.5 each of two
a pixel without depth           drops out: not a 0, no target at all (NaN in memory)
an instance without any depth   dropped and told; or, on request, 1 on its mask, and no part in others' sums
one instance                    1 on its mask
no instance                     no row; every pixel with depth is background
more instances than clusters    all stay targets; on request the largest by area, and the others are background
median of an even number        the lower one, a depth that was observed
sparse depth                    per cell the mean depth over the pixels of its commonest instance (:mod:`.levels`)
=============================== =============================================================================

Centroids are always those of the full-resolution map, so that levels agree.
"""
