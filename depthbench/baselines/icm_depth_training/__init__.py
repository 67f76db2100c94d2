# SPDX-License-Identifier: Apache-2.0
"""Training of ``icm-depth`` on prepared driving frames: depth by SILog, clusters by the membership of instances."""
