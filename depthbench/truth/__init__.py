# SPDX-License-Identifier: Apache-2.0
"""Exact layered truth by ray casting: pure numpy and embree, no Blender."""
