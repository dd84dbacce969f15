#!/bin/sh
# Puts `java` (17 or later) and `mvn` on the PATH through apt, as root. The tests fetch Apache Kafka itself with
# them: Debian has no package of it.
set -eu

# The tests run in two processes, each of which may find it missing.
exec 9>"${TMPDIR:-/tmp}/express-cacheable-install.lock"
flock 9

export DEBIAN_FRONTEND=noninteractive

apt-get update
apt-get install --yes --no-install-recommends default-jre-headless maven
