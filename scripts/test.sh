#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Install depthbench with all it tests against, and run the tests (they render for real, small).
#
#   sh scripts/test.sh [PYTEST ARGUMENTS]
set -eu
cd "$(dirname "$0")/.."
venv=${DEPTHBENCH_VENV:-.venv}
sh scripts/setup.sh "$venv" render,sgbm,torch,fast,dev
"$venv/bin/python" -m pytest -n 2 "$@"
