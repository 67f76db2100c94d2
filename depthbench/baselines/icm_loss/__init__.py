# SPDX-License-Identifier: Apache-2.0
"""Losses of ``icm-depth``, in torch: clusters matched with instances by their membership, and the scale-invariant error of depth."""
