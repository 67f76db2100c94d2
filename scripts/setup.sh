#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Install depthbench from this checkout, in a virtual environment, with the extras named.
#
#   sh scripts/setup.sh .venv render,sgbm
#
# Blender needs some system libraries: as root (or with a password-free sudo) they are installed with apt-get, otherwise
# the line to run is printed. PyTorch, where the extra "torch" is asked for, is the CPU build: a few hundred MB, no CUDA.
set -eu
venv=${1:?usage: setup.sh VENV EXTRA[,EXTRA...]}
extras=${2:?usage: setup.sh VENV EXTRA[,EXTRA...]}
cd "$(dirname "$0")/.."

python=${PYTHON:-python3.11}
if ! "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
    echo "error: $python is not a Python 3.11 that can make virtual environments (Blender's package needs 3.11)." >&2
    echo "Debian/Ubuntu: sudo apt-get install -y python3.11 python3.11-venv; or: uv python install 3.11; or set PYTHON=..." >&2
    exit 2
fi
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"

case ",$extras," in *,torch,*)
    if ! "$venv/bin/python" -c 'import torch' 2>/dev/null; then
        echo "== PyTorch, CPU build"
        # pip finds "+cpu" builds where it has been pointed at them; otherwise uv knows where they are.
        "$venv/bin/python" -m pip install -q "torch==2.13.0+cpu" 2>/dev/null || {
            "$venv/bin/python" -m pip install -q uv
            "$venv/bin/uv" pip install -q --python "$venv/bin/python" --torch-backend cpu "torch>=2.2"
        }
    fi ;;
esac

echo "== depthbench[$extras]"
"$venv/bin/python" -m pip install -q -e ".[$extras]"

case ",$extras," in *,render,*)
    missing=$("$venv/bin/python" -c 'from depthbench.doctor import missing_libraries as m; print(*m())')
    if [ -n "$missing" ]; then
        echo "== system libraries for Blender: $missing"
        if [ "$(id -u)" = 0 ]; then
            apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing
        elif sudo -n true 2>/dev/null; then
            sudo -n apt-get update -qq && sudo -n apt-get install -y -qq $missing
        else
            echo "error: Blender needs system libraries that are not here. Run this, then the same command again:" >&2
            echo "    sudo apt-get install -y $missing" >&2
            exit 2
        fi
    fi ;;
esac
