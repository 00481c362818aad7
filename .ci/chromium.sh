#!/usr/bin/env bash
# Installs Debian's Chromium and the Vulkan loader. Where that is not possible the tests that need them skip themselves.
set -u
if command -v chromium > /dev/null && ldconfig -p | grep -q libvulkan.so.1; then exit 0; fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
  echo "Chromium is not installed and cannot be: not root on Debian" >&2
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
if ! { timeout 120 apt-get update -q && timeout 600 apt-get install -y -q --no-install-recommends chromium libvulkan1; } > "$log" 2>&1; then
  echo "Chromium could not be installed: $(tail -n 1 "$log")" >&2
fi
exit 0
