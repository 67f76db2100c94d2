# SPDX-License-Identifier: Apache-2.0
"""Generated folders as something to publish: splits, shards, checksums, descriptions; its check, and its readers."""
