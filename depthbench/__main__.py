# SPDX-License-Identifier: Apache-2.0
"""``python -m depthbench`` is ``depthbench``."""

from depthbench.cli import main

main()
