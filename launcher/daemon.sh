# Sourced by pm2j for `pm2j daemon`: becomes the daemon, in the foreground, with what was saved. Its log is pm2.log in
# its home; a service manager is told how it is by sd_notify, where it listens for that.

fail() {
  echo "pm2j: $1" >&2
  exit 1
}

case $home in
  /*) ;;
  *) home=$PWD/$home ;;
esac
# What is made here is for its owner alone; the apps get the caller's umask.
mask=$(umask)
umask 077
mkdir -p "$home" || fail "cannot make the home $home"
cd "$home" || fail "cannot enter the home $home"
: >>pm2.log || fail "cannot write $home/pm2.log"
umask "$mask"

export PM2J_HOME="$home"
unset PM2J_CALLER_LC_ALL PM2J_WORKER
# One arena: the daemon's native memory is small, and arenas per thread are not.
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-1}"
# HotSpot's own signal is another, so that SIGUSR2 is free to mean what it means to PM2.
export _JAVA_SR_SIGNUM=40
# shellcheck disable=SC2086 # options are words
exec "$JDK/bin/java" ${PM2J_JAVA_OPTIONS:-} -Dpm2j.resurrect=true "@$run/daemon.args" </dev/null >>pm2.log 2>&1
