# Sourced by every example's `run`: the launcher, a home of its own, a free port, and a clean end.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[1]}")"

PM2J_HOME=$(mktemp -d "${TMPDIR:-/tmp}/pm2j-example.XXXXXX")
export PM2J_HOME
export NO_COLOR=1
unset PM2_HOME

pm2j() { ../../pm2j "$@"; }

# Says the command, then runs it.
show() {
  printf '\n$ %s\n' "$*"
  "$@"
}

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

# A port that nobody listens on right now.
free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# answers <url>: waits up to 10 s for a 200.
answers() {
  for _ in $(seq 100); do
    if curl -fs -o /dev/null --max-time 2 "$1"; then return 0; fi
    sleep 0.1
  done
  fail "no 200 from $1 within 10 s"
}

# expect <text> <in what>
expect() {
  case "$2" in
    *"$1"*) ;;
    *) fail "expected \"$1\" in: $2" ;;
  esac
}

finish() {
  status=$?
  trap - EXIT
  pm2j kill >/dev/null 2>&1 || true
  rm -rf "$PM2J_HOME"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM
