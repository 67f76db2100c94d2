#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From nothing to a verified release of layered stereo pairs.
#
#   sh scripts/release_layered.sh WORK --n 500000 --preset paper
#
# What follows WORK goes to `depthbench generate layered`. The samples go to WORK/made, the release to WORK/release; stopped anywhere, the same
# line continues. Name, version, licence, creator, URL, shard size and splits: environment, see scripts/release_steps.sh.
set -eu
work=${1:?"usage: release_layered.sh WORK [OPTIONS OF depthbench generate layered]"}
shift
. "$(dirname "$0")/release_steps.sh"
$DEPTHBENCH generate layered --out "$work/made" "$@"
release_and_verify "$work" layered
