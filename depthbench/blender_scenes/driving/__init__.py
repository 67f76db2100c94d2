# SPDX-License-Identifier: Apache-2.0
"""Streets as a driver sees them: what stands, what moves, what each thing is called, and the films of a drive."""
