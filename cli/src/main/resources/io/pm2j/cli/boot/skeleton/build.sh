#!/bin/sh
# Makes a release of what is in web/, named by the time, and reloads the app when it runs.
set -eu
ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=scripts/function.sh disable=SC1091
. "$ROOT/scripts/function.sh"

make_folders
release "$(date +%Y%m%d%H%M%S)"
if "$ROOT/etc/@NAME@" status >/dev/null 2>&1; then
  "$ROOT/etc/@NAME@" reload
fi
