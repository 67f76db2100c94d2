# SPDX-License-Identifier: Apache-2.0
"""Procedural Blender scenes: the only place that imports bpy, reached only through a worker process."""
