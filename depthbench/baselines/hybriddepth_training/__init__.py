# SPDX-License-Identifier: Apache-2.0
"""How HybridDepth is trained: on focal stacks with fixed planes, stored or rendered as they are asked for."""
