# SPDX-License-Identifier: Apache-2.0
"""How the networks of depth from motion are trained: on the endless stream of masks, judged by per cent error on held-out sets."""
