#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The main job, end to end and small: install, render see-through stereo pairs with every layer's truth, check that
# truth by a second route, measure a classical model on it, and make a contact sheet. A few minutes on two cores.
#
#   sh scripts/quickstart.sh [OUT]
set -eu
cd "$(dirname "$0")/.."
out=${1:-data/quickstart}
venv=${DEPTHBENCH_VENV:-.venv}
sh scripts/setup.sh "$venv" render,sgbm
PATH="$(cd "$venv/bin" && pwd):$PATH"
set -x
depthbench doctor
depthbench generate layered --n 4 --preset preview --resolution 384x256 --out "$out"
depthbench verify "$out"
depthbench eval --model sgbm --set "$out" --out "$out/runs/sgbm"
depthbench show "$out" --out "$out/contact-sheet.png"
