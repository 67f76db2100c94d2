# SPDX-License-Identifier: Apache-2.0
"""Depth maps of several views into one cloud of points."""
