# Sourced by pm2j when something is missing: builds the product, and writes what starts it, into target/run.
#
#   jdk           the JDK's folder
#   cli.args      java's arguments for the command line
#   daemon.args   java's arguments for the daemon
#   runtime.args  java's arguments for both in one process: pm2-runtime, pm2-dev
#   *.aot         the classes of both, loaded and linked ahead of time

jar_of() {
  for jar in "$ROOT/$1/target/pm2j-$1"-*.jar; do
    [ -f "$jar" ] && echo "$jar" && return 0
  done
  return 1
}

class_path_of() {
  path=$(jar_of "$1")
  for jar in "$ROOT/$1/target/lib"/*.jar; do
    path=$path:$jar
  done
  echo "$path"
}

# Two first starts at a time must not build twice: mkdir is atomic.
take_build_lock() {
  mkdir -p "$ROOT/target"
  waited=0
  while ! mkdir "$ROOT/target/build.lock" 2>/dev/null; do
    if [ -r "$ROOT/target/build.lock/pid" ] && ! kill -0 "$(cat "$ROOT/target/build.lock/pid")" 2>/dev/null; then
      rm -rf "$ROOT/target/build.lock"
      continue
    fi
    [ "$waited" = 0 ] && echo "pm2j: another start is building, waiting for it…" >&2
    waited=$((waited + 1))
    if [ "$waited" -gt 900 ]; then
      echo "pm2j: the build lock $ROOT/target/build.lock is held for too long; remove it if nobody builds" >&2
      exit 1
    fi
    sleep 1
  done
  echo $$ >"$ROOT/target/build.lock/pid"
  trap 'rm -rf "$ROOT/target/build.lock"' EXIT
  trap 'exit 130' INT TERM
}

build_jars() {
  if ! command -v mvn >/dev/null 2>&1; then
    echo "pm2j: Maven 3.8 or newer is needed to build and was not found in PATH; install it (apt-get install maven)" >&2
    exit 1
  fi
  printf 'pm2j: building, once (about a minute)' >&2
  (cd "$ROOT" && JAVA_HOME=$JDK mvn -B -ntp -Dmaven.test.skip=true -Dspotless.check.skip=true -pl cli,daemon -am package) \
    >"$ROOT/target/build.log" 2>&1 &
  build=$!
  while kill -0 "$build" 2>/dev/null; do
    printf '.' >&2
    sleep 2
  done
  if wait "$build"; then
    echo ' done' >&2
  else
    echo ' failed' >&2
    tail -n 15 "$ROOT/target/build.log" >&2
    echo "pm2j: the build failed; the whole log is in target/build.log" >&2
    exit 1
  fi
}

write_arguments() {
  run=$ROOT/target/run
  mkdir -p "$run"
  echo "$JDK" >"$run/jdk"
  cat >"$run/daemon.flags" <<ARGS
-XX:+UseSerialGC
-XX:+UseCompactObjectHeaders
-Xms16m
-Xmx128m
-XX:+ExitOnOutOfMemoryError
-XX:ReservedCodeCacheSize=48m
-XX:-UsePerfData
-XX:TrimNativeHeapInterval=5000
--enable-native-access=ALL-UNNAMED
--sun-misc-unsafe-memory-access=allow
--add-opens=java.base/java.nio=ALL-UNNAMED
-Dio.netty.tryReflectionSetAccessible=true
-Dsun.jnu.encoding=UTF-8
-cp
"$(class_path_of daemon)"
ARGS
  # Standard output is the command's alone: some read it as JSON. The JVM would complain there of a damaged cache,
  # without which everything works.
  cat >"$run/cli.flags" <<ARGS
-XX:+UseSerialGC
-XX:TieredStopAtLevel=1
-XX:-UsePerfData
-Xmx64m
-Djava.nio.channels.spi.SelectorProvider=sun.nio.ch.EPollSelectorProvider
-Xlog:disable
"-Xlog:all=error,aot*=off,cds*=off:stderr"
"-Dpm2j.daemon=$run/daemon.args"
-cp
"$(class_path_of cli)"
ARGS
  # A training run loads what is loaded in real life. Without a cache everything works, only slower to start.
  with_cache daemon io.pm2j.daemon.Main
  both_in_one
  with_cache cli io.pm2j.cli.Main
}

# The daemon's cache serves both, as its class path is the beginning of theirs.
both_in_one() {
  {
    if [ -f "$run/daemon.aot" ]; then echo "-XX:AOTCache=$run/daemon.aot"; fi
    sed '/^-cp$/,$d' "$run/daemon.flags"
    printf '%s\n' -cp "\"$(class_path_of daemon):$(jar_of cli)\"" io.pm2j.cli.Main
  } >"$run/runtime.args"
}

# with_cache NAME MAIN: makes NAME.aot where it can, and NAME.args of NAME.flags; the arguments come last, as their
# presence says that everything else is there.
with_cache() {
  cache=$run/$1.aot
  home=$(mktemp -d)
  rm -f "$cache"
  if PM2J_HOME=$home timeout 180 "$JDK/bin/java" "@$run/$1.flags" -XX:AOTCacheOutput="$cache" -Dpm2j.training=true "$2" \
    >"$run/$1.aot.log" 2>&1 && [ -f "$cache" ]; then
    echo "-XX:AOTCache=$cache" >"$run/$1.args.new"
  else
    rm -f "$cache"
    : >"$run/$1.args.new"
  fi
  rm -rf "$home"
  cat "$run/$1.flags" >>"$run/$1.args.new"
  echo "$2" >>"$run/$1.args.new"
  mv "$run/$1.args.new" "$run/$1.args"
}

take_build_lock
find_jdk || { no_jdk; exit 1; }
if ! jar_of cli >/dev/null || ! jar_of daemon >/dev/null || [ ! -d "$ROOT/daemon/target/lib" ] || [ ! -d "$ROOT/cli/target/lib" ]; then
  build_jars
fi
write_arguments
rm -rf "$ROOT/target/build.lock"
trap - EXIT INT TERM
