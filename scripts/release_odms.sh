#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From nothing to a verified release of masks for depth from motion.
#
#   sh scripts/release_odms.sh WORK --split val --n 5000
#
# What follows WORK goes to `depthbench generate odms`. The samples go to WORK/made, the release to WORK/release; stopped anywhere, the same
# line continues. Name, version, licence, creator, URL, shard size and splits: environment, see scripts/release_steps.sh.
set -eu
work=${1:?"usage: release_odms.sh WORK [OPTIONS OF depthbench generate odms]"}
shift
. "$(dirname "$0")/release_steps.sh"
$DEPTHBENCH generate odms --out "$work/made" "$@"
release_and_verify "$work" odms
