# SPDX-License-Identifier: Apache-2.0
"""``size-net``: an object's depth from how seventeen measures of its size grow while the camera comes nearer. Ours; in no paper.

:mod:`.measures` (what is measured of a mask), :mod:`.network` (what is learnt: which measures and masks to believe), :mod:`.model`
(``eval`` and live use). Where VOS-DE believes one measure of every mask alike, and ODN learns from pixels what a size is, here sizes
are measured and only their weighing is learnt: 76,000 parameters, minutes of one processor core, any number of observations.
"""
