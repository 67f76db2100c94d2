# SPDX-License-Identifier: Apache-2.0
"""Driving frames with targets of membership, as ``depthbench prepare dvps`` writes them and training reads them."""
