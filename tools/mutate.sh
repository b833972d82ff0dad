#!/usr/bin/env bash
# Mutation testing of one module or room: which small faults in it do its tests not notice?
#   tools/mutate.sh inspect/condition.py tests/inspect/test_condition.py [more tests]
#   MUTANTS=100 tools/mutate.sh inspect tests/inspect      a hundred of all possible faults, by chance
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
timeout = 120.0
excluded-modules = []
test-command = "$python -m pytest -q -x -p no:cacheprovider $*"
[cosmic-ray.distributor]
name = "local"
EOF
"$python" -m pytest -q -x -p no:cacheprovider "$@" | tail -n 1
ray() { "$root/.venv/bin/uv" tool run --quiet --from cosmic-ray==8.7.0 "$@"; }
ray cosmic-ray init "$copy/session.toml" "$copy/session.sqlite"
if [ -n "${MUTANTS:-}" ]; then
    # By a fixed seed: the same commit gives the same faults.
    "$python" - "$copy/session.sqlite" "$MUTANTS" <<'EOF'
import random, sqlite3, sys
session = sqlite3.connect(sys.argv[1])
jobs = session.execute("SELECT job_id FROM mutation_specs ORDER BY module_path, operator_name, occurrence, operator_args")
jobs = [job for job, in jobs]
print(f"{sys.argv[2]} of {len(jobs)} faults", flush=True)
for job in set(jobs) - set(random.Random(8).sample(jobs, min(len(jobs), int(sys.argv[2])))):
    session.execute("DELETE FROM mutation_specs WHERE job_id = ?", (job,))
    session.execute("DELETE FROM work_items WHERE job_id = ?", (job,))
session.commit()
EOF
fi
ray cosmic-ray exec "$copy/session.toml" "$copy/session.sqlite"
ray cr-report --surviving-only --show-diff "$copy/session.sqlite"
