#!/usr/bin/env bash
# Installs what the VS Code server of the tests needs beside Chromium: ripgrep, and node-gyp's Python, make and compiler. Where
# that is not possible those tests skip themselves.
set -u
missing=()
command -v rg > /dev/null || missing+=(ripgrep)
command -v python3 > /dev/null || missing+=(python3)
command -v make > /dev/null || missing+=(make)
command -v g++ > /dev/null || missing+=(g++)
if [ ${#missing[@]} = 0 ]; then exit 0; fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
  echo "${missing[*]} cannot be installed: not root on Debian" >&2
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
if ! { timeout 120 apt-get update -q && timeout 600 apt-get install -y -q --no-install-recommends "${missing[@]}"; } > "$log" 2>&1; then
  echo "${missing[*]} could not be installed: $(tail -n 1 "$log")" >&2
fi
exit 0
