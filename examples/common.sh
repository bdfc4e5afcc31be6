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

# A port that nobody listens on, none of those that the kernel gives to whoever asks for any.
free_port() {
  python3 - <<'END'
import random, socket
while True:
    port = random.randrange(10000, 20000)
    with socket.socket() as s:
        try:
            s.bind(("", port))
        except OSError:
            continue
    print(port)
    break
END
}

# answers <url>: waits up to a minute for a 200.
answers() {
  for _ in $(seq 600); do
    if curl -fs -o /dev/null --max-time 10 "$1"; then return 0; fi
    sleep 0.1
  done
  fail "no 200 from $1 within a minute"
}

# both_answer <url>: asks 20 times, again while one of the two workers still boots.
both_answer() {
  for _ in $(seq 60); do
    pids=$(for _ in $(seq 20); do curl -s "$1"; done | sed 's/.*pid \([0-9]*\),.*/\1/' | sort -u | wc -l)
    if [ "$pids" -eq 2 ]; then break; fi
    sleep 1
  done
  [ "$pids" -eq 2 ] || fail "20 requests were answered by $pids workers, not by 2"
  printf '\n20 requests were answered by %s workers.\n' "$pids"
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
