# SPDX-License-Identifier: Apache-2.0
"""Sequences of a drive in the layout of Cityscapes-DVPS: configuration, files, the run."""
