#!/usr/bin/env bash
# Mutation testing of one module: which small faults in it do its tests not notice?
#   tools/mutate.sh inspect/condition.py tests/inspect/test_condition.py [more tests]
# Works on a copy of the last commit, so that the working tree is left alone, and prints the survivors.
# cosmic-ray (MIT) runs from an environment of its own and is no dependency of callqa.
set -euo pipefail
module=$1
shift
root=$(cd "$(dirname "$0")/.." && pwd)
python=$root/.venv/bin/python
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git -C "$root" archive HEAD | tar -x -C "$copy" --one-top-level=callqa
cd "$copy/callqa"
export PYTHONPATH=$copy PYTHONDONTWRITEBYTECODE=1
"$python" -c 'import sys, callqa; sys.exit(not callqa.__file__.startswith(sys.argv[1]))' "$copy"
cat > "$copy/session.toml" <<EOF
[cosmic-ray]
module-path = "$module"
timeout = 60.0
excluded-modules = []
test-command = "$python -m pytest -q -x -p no:cacheprovider $*"
[cosmic-ray.distributor]
name = "local"
EOF
"$python" -m pytest -q -x -p no:cacheprovider "$@" | tail -n 1
ray() { "$root/.venv/bin/uv" tool run --quiet --from cosmic-ray==8.7.0 "$@"; }
ray cosmic-ray init "$copy/session.toml" "$copy/session.sqlite"
ray cosmic-ray exec "$copy/session.toml" "$copy/session.sqlite"
ray cr-report --surviving-only --show-diff "$copy/session.sqlite"
