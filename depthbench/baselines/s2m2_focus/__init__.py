# SPDX-License-Identifier: Apache-2.0
"""S2M2 steered by intent: one number c in [0, 1] chooses the surface, from the nearest along each ray to the farthest.

After DepthFocus (arXiv 2511.16993), from its text; nothing of it was published. ``condition`` says what c means, ``network``
how it enters, ``losses`` what is trained.
"""
