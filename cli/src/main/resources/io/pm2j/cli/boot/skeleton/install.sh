#!/bin/sh
# Makes the folders that are not kept in git, and the first release. With --system, as root: the service and the
# user's crontab too.
set -eu
ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
# shellcheck source=function.sh disable=SC1091
. "$ROOT/scripts/function.sh"

make_folders
[ -e "$ROOT/web/htdocs/index.html" ] || echo '<!doctype html><title>@USER@</title><p>It works.</p>' >"$ROOT/web/htdocs/index.html"
[ -e "$ROOT/src/CURRENT" ] || release first

if [ "${1-}" = --system ]; then
  chown -R '@USER@' "$ROOT"
  cp "$ROOT/etc/@NAME@" '/etc/init.d/@NAME@'
  if crontab -u '@USER@' -l >/dev/null 2>&1; then
    echo "@USER@ has a crontab: add the lines of etc/crontab.conf to it" >&2
  else
    crontab -u '@USER@' "$ROOT/etc/crontab.conf"
  fi
fi
