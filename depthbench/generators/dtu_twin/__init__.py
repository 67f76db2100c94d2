# SPDX-License-Identifier: Apache-2.0
"""Synthetic scans in DTU's own layout: table tops from a robot arm's poses, exact depth, a reference cloud and what is judged of it."""
