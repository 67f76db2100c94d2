#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From nothing to a verified release of table tops behind plates, 180 pairs.
#
#   sh scripts/release_plates.sh WORK --preset paper
#
# What follows WORK goes to `depthbench generate plates`. The samples go to WORK/made, the release to WORK/release; stopped anywhere, the same
# line continues. Name, version, licence, creator, URL, shard size and splits: environment, see scripts/release_steps.sh.
set -eu
work=${1:?"usage: release_plates.sh WORK [OPTIONS OF depthbench generate plates]"}
shift
. "$(dirname "$0")/release_steps.sh"
$DEPTHBENCH generate plates --out "$work/made" "$@"
release_and_verify "$work" plates
