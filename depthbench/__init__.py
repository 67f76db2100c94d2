# SPDX-License-Identifier: Apache-2.0
"""depthbench: depth-estimation data whose truth is exact, and numbers that can be trusted."""

__version__ = "0.1.0"
