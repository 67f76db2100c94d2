# SPDX-License-Identifier: Apache-2.0
"""Named protocols, sets, metrics, and the harness that measures models by them."""
