# SPDX-License-Identifier: Apache-2.0
"""How ``size-net`` is trained: on measures of the endless stream of masks, with faults that the stream has and those of objects that turn."""
