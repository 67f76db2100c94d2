#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From nothing to a verified release of table tops for multi-view stereo, in DTU's sizes.
#
#   sh scripts/release_dtu.sh WORK --scans 8 --views 15 --resolution 640x512
#
# What follows WORK goes to `depthbench generate dtu-twin`. The samples go to WORK/made, the release to WORK/release; stopped anywhere, the same
# line continues. Name, version, licence, creator, URL, shard size and splits: environment, see scripts/release_steps.sh.
set -eu
work=${1:?"usage: release_dtu.sh WORK [OPTIONS OF depthbench generate dtu-twin]"}
shift
. "$(dirname "$0")/release_steps.sh"
$DEPTHBENCH generate dtu-twin --out "$work/made" "$@"
release_and_verify "$work" table-tops
