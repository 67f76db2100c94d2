# SPDX-License-Identifier: Apache-2.0
"""Metrics: pure functions of arrays and masks, one module per kind of quantity."""
