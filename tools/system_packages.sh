#!/bin/sh
# Installs the named Debian packages that are not there yet; quick when all are.
set -eu
missing=""
for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "install ok" || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
if ! command -v apt-get >/dev/null; then
    echo "The browser tests need:$missing. Install them with your system's package manager." >&2
    exit 1
fi
run=""
[ "$(id -u)" = 0 ] || run="sudo"
echo "installing$missing"
$run apt-get update -qq
# shellcheck disable=SC2086  # a list of packages
DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq --no-install-recommends $missing >/dev/null
