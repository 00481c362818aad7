#!/bin/sh
# Makes the Python environment that the PyTorch side of the benchmarks and the reference values need:
#   bench/venv.sh /tmp/venv
# PyTorch's CPU build, about 1 GB on disk. GLAD itself needs no Python.
set -eu
folder=${1:?usage: bench/venv.sh FOLDER}
requirements=$(dirname "$0")/../test/golden/requirements.txt
python3 -m venv "$folder"
# The CPU build first, from PyTorch's own index unless pip is already told where to find it.
index=${GLAD_TORCH_INDEX-https://download.pytorch.org/whl/cpu}
"$folder/bin/pip" install ${index:+--index-url "$index"} "$(grep '^torch==' "$requirements")"
"$folder/bin/pip" install -r "$requirements"
