# SPDX-License-Identifier: Apache-2.0
"""How the stereo networks are trained: which data, changed how, asked for which layer, judged by what."""
