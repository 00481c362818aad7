#!/usr/bin/env bash
# Installs Slurm, MUNGE and the database of Slurm's accounts on Debian, which the tests of the Slurm executor start in a folder of
# their own. Where that is not possible the tests skip themselves, so nothing here is an error.
set -u
PATH=$PATH:/usr/sbin:/sbin
missing=
for program in sbatch slurmctld slurmd munged slurmdbd mariadbd; do
  command -v "$program" > /dev/null || missing=yes
done
if [ -z "$missing" ]; then exit 0; fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
  echo "Slurm is not installed and cannot be: not root on Debian" >&2
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
# No service of the system is started: the test starts its own daemons.
if [ ! -e /usr/sbin/policy-rc.d ]; then
  printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
fi
install() { timeout 300 apt-get install -y -q --no-install-recommends "$@"; }
if ! { timeout 120 apt-get update -q && install slurm-wlm munge; } > "$log" 2>&1; then
  echo "Slurm could not be installed: $(tail -n 1 "$log")" >&2
elif ! install slurmdbd mariadb-server > "$log" 2>&1; then
  echo "Slurm's accounts could not be installed: $(tail -n 1 "$log")" >&2
fi
exit 0
