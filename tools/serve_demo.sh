#!/bin/sh
# Starts the dashboard in the background and waits until it answers, or stops it.
#   serve_demo.sh start PATH_OF_CALLQA PORT | serve_demo.sh stop
set -eu
pid_file="$CALLQA_HOME/dashboard.pid"
log="$CALLQA_HOME/dashboard.log"
stop() {
    # The number may be another program's by now.
    if [ -f "$pid_file" ] && tr '\0' ' ' <"/proc/$(cat "$pid_file")/cmdline" 2>/dev/null | grep -q "dashboard"; then
        kill "$(cat "$pid_file")" 2>/dev/null || true
    fi
    rm -f "$pid_file"
}
case "$1" in
stop) stop ;;
start)
    stop
    nohup "$2" dashboard --port "$3" >"$log" 2>&1 </dev/null &
    echo $! >"$pid_file"
    for _ in $(seq 60); do
        # Another program may hold the port and answer in our place.
        kill -0 "$(cat "$pid_file")" 2>/dev/null || break
        if "$(dirname "$2")/python" -c "import sys, urllib.request as u; u.urlopen(sys.argv[1])" \
            "http://127.0.0.1:$3/_stcore/health" 2>/dev/null; then
            echo "The dashboard is up: http://127.0.0.1:$3 (stop it with: make demo-stop)"
            exit 0
        fi
        sleep 1
    done
    echo "The dashboard did not start; its log ends with:" >&2
    tail -n 20 "$log" >&2
    exit 1
    ;;
esac
