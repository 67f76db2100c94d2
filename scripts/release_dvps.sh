#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From nothing to a verified release of drives through streets, with panoptic ids and depth.
#
#   sh scripts/release_dvps.sh WORK --sequences 150 --frames 6 --float-depth
#
# What follows WORK goes to `depthbench generate dvps-twin`. The samples go to WORK/made, the release to WORK/release; stopped anywhere, the same
# line continues. Name, version, licence, creator, URL, shard size and splits: environment, see scripts/release_steps.sh.
set -eu
work=${1:?"usage: release_dvps.sh WORK [OPTIONS OF depthbench generate dvps-twin]"}
shift
. "$(dirname "$0")/release_steps.sh"
$DEPTHBENCH generate dvps-twin --out "$work/made" "$@"
release_and_verify "$work" drives
