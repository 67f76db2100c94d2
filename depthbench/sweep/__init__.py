# SPDX-License-Identifier: Apache-2.0
"""A steered model asked for one pair at many values of c: pictures, a page with a slider, the surfaces found, as points."""
