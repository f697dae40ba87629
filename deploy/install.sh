#!/bin/sh
# Installs the service into the folder that is named, without a network: sh install.sh /opt/duijie
# PYTHON chooses the interpreter; it is of the version for which the bundle was made.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=${1:?the folder to install into}
"${PYTHON:-python3}" -m venv "$target"
"$target/bin/python" -m pip install --quiet --no-index --find-links "$here/wheels" uv
"$target/bin/uv" pip install --quiet --compile-bytecode --offline --no-index --find-links "$here/wheels" --python "$target/bin/python" \
  "$here"/duijie-*.whl
echo "Installed. Start it in the folder that is to hold its data: $target/bin/duijie run"
