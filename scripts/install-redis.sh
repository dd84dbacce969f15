#!/bin/sh
# Puts `redis-server` on the PATH through apt, as root, and `openssl`, which makes certificates for it. The tests
# start a server of their own: the service that the Debian package would start on port 6379, now and at every boot,
# is not wanted.
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
apt-get install --yes --no-install-recommends redis-server openssl

if command -v systemctl >/dev/null; then
  systemctl disable redis-server >/dev/null 2>&1 || true
fi
