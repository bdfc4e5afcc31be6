#!/bin/sh
# Sourced by the other scripts, with ROOT set to the application's folder.

# Nothing of these is kept in git.
FOLDERS='conf data log src tmp web/htdocs'

make_folders() {
  for folder in $FOLDERS; do
    mkdir -p "$ROOT/$folder"
  done
}

# release NAME: what is in web/ becomes src/NAME, and src/CURRENT leads to it.
release() {
  mkdir -p "$ROOT/src/$1"
  cp -R "$ROOT/web/." "$ROOT/src/$1/"
  ln -sfn "$1" "$ROOT/src/CURRENT"
}
