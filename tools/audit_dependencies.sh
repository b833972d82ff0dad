#!/bin/sh
# Known vulnerabilities of the pinned packages; needs the network (pip-audit asks the advisory database).
#   tools/audit_dependencies.sh [pip-audit's options]
# Exit status: 0 none known, 1 some found, 75 the database could not be asked.
set -u
cd "$(dirname "$0")/.."
if told=$(timeout 120 .venv/bin/uv tool run pip-audit --disable-pip --require-hashes -r requirements.lock "$@" 2>&1); then
  case "$told" in
    *"could not be audited"*) ;;
    *) echo "$told"; exit 0 ;;
  esac
fi
echo "$told" | tail -3
echo "$told" | grep -q '^Found [0-9]* known vulnerabilit' && exit 1
echo "dependencies not audited: the advisory database could not be asked" >&2
exit 75
