# SPDX-License-Identifier: Apache-2.0
"""ODN: networks that read an object's depth from its masks and the camera's movement (Griffin and Corso, ECCV 2020).

:mod:`.network` (what is learnt), :mod:`.formulation` (what its one number means), :mod:`.reduce` and :mod:`.radial` (what it sees),
:mod:`.statistics` (batch norms), :mod:`.configurations` (names), :mod:`.model` (``eval`` and live use). Written from a description, in
our own words; sizes are those of the authors' network.
"""
