#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From nothing to a verified release of focal stacks of pictures with depth, or of a layered set.
#
#   sh scripts/release_focal.sh WORK --from nyu --root nyu_v2 --planes 5
#
# What follows WORK goes to `depthbench generate focal-stack`. The samples go to WORK/made, the release to WORK/release; stopped anywhere, the same
# line continues. Name, version, licence, creator, URL, shard size and splits: environment, see scripts/release_steps.sh.
set -eu
work=${1:?"usage: release_focal.sh WORK [OPTIONS OF depthbench generate focal-stack]"}
shift
. "$(dirname "$0")/release_steps.sh"
$DEPTHBENCH generate focal-stack --out "$work/made" "$@"
release_and_verify "$work" focal-stacks
