# shellcheck shell=bash disable=SC2154
# Sourced by bench/run: the whole path from the client to two Node workers, pm2j's beside nginx -> `pm2 -i 2`.
# Nothing is pinned: proxy, workers and load share all cores, as they do on a host.

path_rows=(small post 64k 1m connect thousand)

path_name() {
  case $1 in
    small) echo "small GET, $edge_connections connections" ;;
    post) echo "POST of 16 KiB" ;;
    64k) echo "GET of 64 KiB" ;;
    1m) echo "GET of 1 MiB" ;;
    connect) echo "a new connection for each request" ;;
    thousand) echo "small GET, 1 000 connections" ;;
  esac
}

start_path() { # sets path_ours, path_theirs
  path_ours=$(free_port)
  PORT=$path_ours pm2j start apps/origin.js --name path -i 2 >/dev/null
  await_200 "http://127.0.0.1:$path_ours/"
  pm2_port=$(free_port)
  PORT=$pm2_port pm2 start apps/origin.js --name path -i 2 >/dev/null
  await_200 "http://127.0.0.1:$pm2_port/"
  start_nginx "    server 127.0.0.1:$pm2_port;"
  path_theirs=$nginx_port
}

section_path() {
  heading "The whole path, requests per second" "The edge and two Node workers, beside nginx and two workers of PM2's cluster, on the same $(nproc) cores with the
load generator; $seconds s a run, in turn."
  start_path
  PINNED=no drive small "$path_ours" 10 >/dev/null # the JVM compiles what is hot
  local workload peer rate
  for workload in "${path_rows[@]}"; do
    for peer in ours theirs; do PINNED=no drive "$workload" "$(path_port $peer)" 5 >/dev/null; done
    for _ in $(seq "$rounds"); do
      for peer in ours theirs; do
        read -r _ rate < <(PINNED=no drive "$workload" "$(path_port $peer)" "$seconds")
        note "path $workload" "$peer" "$rate"
      done
    done
  done
  {
    printf '\n| | pm2j | of %s runs | nginx, then pm2 -i 2 | of %s runs |\n|---|---|---|---|---|\n' "$rounds" "$rounds"
    for workload in "${path_rows[@]}"; do
      printf '| %s | %s | %s | %s | %s |\n' "$(path_name "$workload")" \
        "$(values "path $workload" ours | median)" "$(values "path $workload" ours | spread)" \
        "$(values "path $workload" theirs | median)" "$(values "path $workload" theirs | spread)"
    done
  } >>"$rows"
  stop_all
}

path_port() { if [ "$1" = ours ]; then echo "$path_ours"; else echo "$path_theirs"; fi; }

section_latency() {
  local per_second=${RATE:-2000} peer
  heading "Latency at a fixed rate" "$per_second requests a second, open loop: each counts from the moment it was due. Everything on all cores."
  JAVA_HOME=$(cat ../target/run/jdk) mvn -q -B -f .. -pl bench -am -DskipTests -Dspotless.check.skip=true compile
  start_path
  for peer in ours theirs; do PINNED=no drive small "$(path_port $peer)" 8 >/dev/null; done
  for _ in $(seq "$rounds"); do
    for peer in ours theirs; do
      at_rate "$peer" "$(path_port $peer)" "$per_second"
    done
  done
  {
    printf '\n| median of %s runs, ms | p50 | p99 | p99.9 |\n|---|---|---|---|\n' "$rounds"
    for peer in ours theirs; do
      printf '| %s | %s | %s | %s |\n' "$([ $peer = ours ] && echo "pm2j" || echo "nginx, then pm2 -i 2")" \
        "$(values "latency p50us" $peer | median)" "$(values "latency p99us" $peer | median)" "$(values "latency p999us" $peer | median)"
    done
  } >>"$rows"
  stop_all
}

at_rate() { # at_rate <peer> <port> <rate>
  local said key
  said=$("$(cat "$here/../target/run/jdk")/bin/java" -XX:+UseSerialGC -cp "$here/target/classes" io.pm2j.bench.load.Main \
    --url "http://127.0.0.1:$2/" --rate "$3" --requests $(($3 * seconds)) | grep '^load ') || true
  for key in p50us p99us p999us; do
    note "latency $key" "$1" "$(sed -n "s/.* $key=\([0-9]*\).*/\1/p" <<<"$said" | awk '{ printf "%.2f", $1 / 1000 }')"
  done
}

section_allocations() {
  heading "Allocation" "What the daemon allocates on its heap while it relays small GETs, by Java Flight Recorder, once it is compiled:
bytes a request, by class, the recorder's own left out."
  start_path
  PINNED=no drive small "$path_ours" 10 >/dev/null
  local jdk recording=$target/allocations.jfr requests _
  jdk=$(cat "$here/../target/run/jdk")
  "$jdk/bin/jcmd" "$(cat "$PM2J_HOME/pm2.pid")" JFR.start name=allocations settings=profile >/dev/null
  PINNED=no drive small "$path_ours" 2 >/dev/null # the recorder compiles its own
  rm -f "$recording"
  "$jdk/bin/jcmd" "$(cat "$PM2J_HOME/pm2.pid")" JFR.stop name=allocations >/dev/null
  "$jdk/bin/jcmd" "$(cat "$PM2J_HOME/pm2.pid")" JFR.start name=allocations settings=profile >/dev/null
  read -r requests _ < <(PINNED=no drive small "$path_ours" "$seconds")
  "$jdk/bin/jcmd" "$(cat "$PM2J_HOME/pm2.pid")" JFR.stop name=allocations filename="$recording" >/dev/null
  {
    printf '\n| class | bytes a request |\n|---|---|\n'
    "$jdk/bin/jfr" print --json --events jdk.ObjectAllocationSample "$recording" |
      node -e '
        const requests = Number(process.argv[1]), by = new Map();
        const { events } = JSON.parse(require("fs").readFileSync(0, "utf8")).recording;
        for (const { values: { objectClass, weight } } of events)
          if (!objectClass.name.startsWith("jdk/jfr/")) by.set(objectClass.name, (by.get(objectClass.name) ?? 0) + weight);
        const all = [...by].sort((a, b) => b[1] - a[1]);
        const row = (name, bytes) => console.log(`| ${name.replaceAll("/", ".")} | ${(bytes / requests).toFixed(2)} |`);
        all.slice(0, 10).forEach(([name, bytes]) => row(name, bytes));
        row("all", all.reduce((sum, [, bytes]) => sum + bytes, 0));
      ' "$requests"
  } >>"$rows"
  stop_all
}
