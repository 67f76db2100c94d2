# SPDX-License-Identifier: Apache-2.0
"""Depth of one picture by instance clusters: a matrix of clusters that gathers what belongs to each thing, and gives it back.

One module per part: an encoder (timm's, or a small one), a pyramid of features, transposed cross-attention, depth prediction.
"""
