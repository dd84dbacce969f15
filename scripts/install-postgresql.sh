#!/bin/sh
# Installs PostgreSQL through apt, as root. The tests start a server of their own: the service that the Debian package
# would start on port 5432, now and at every boot, is not wanted.
set -eu

# The tests run in two processes, each of which may find it missing.
exec 9>"${TMPDIR:-/tmp}/express-cacheable-install.lock"
flock 9

export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d

if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
fi

apt-get update
apt-get install --yes --no-install-recommends postgresql

if command -v systemctl >/dev/null; then
  systemctl disable postgresql >/dev/null 2>&1 || true
fi
