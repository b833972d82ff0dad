#!/bin/sh
# Known vulnerabilities of the pinned packages; needs the network (pip-audit asks the advisory database).
#   tools/audit_dependencies.sh [pip-audit's options]
set -eu
cd "$(dirname "$0")/.."
exec .venv/bin/uv tool run pip-audit --disable-pip --require-hashes -r requirements.lock "$@"
