#!/bin/sh
# Installs Debian packages through apt, as root: sh scripts/apt-install.sh redis-server openssl. The tests start servers
# of their own: a service that a package would start, now and at every boot, is not wanted.
set -eu

# The tests run in two processes, each of which may find something missing.
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
apt-get install --yes --no-install-recommends "$@"

if command -v systemctl >/dev/null; then
  # A service has the name of its package.
  for package in "$@"; do systemctl disable "$package" >/dev/null 2>&1 || true; done
fi
