# shellcheck shell=bash disable=SC2154
# Sourced by bench/run: the edge with routes beside nginx and HAProxy, the same origins behind each.
#
# The proxies have core 0 (one event loop, one worker, one thread), everything else the rest: so what a proxy spends on
# a request is measured at the same load, and not disturbed by who else runs.

edge_connections=64

# PINNED=no lets everything run everywhere.
alone() { [ "${PINNED:-yes}" = yes ] && [ "$(nproc)" -gt 1 ]; }
pinned() { if alone; then taskset -c 0 "$@"; else "$@"; fi; }
elsewhere() { if alone; then taskset -c "1-$(($(nproc) - 1))" "$@"; else "$@"; fi; }

loops() { if alone; then echo 1; else nproc; fi; }

start_origins() { # two processes; sets origin_ports, origin_paths
  local i port
  origin_ports=()
  origin_paths=()
  for i in 1 2; do
    port=$(free_port)
    origin_ports+=("$port")
    origin_paths+=("$target/origin-$i.sock")
    rm -f "$target/origin-$i.sock"
    LISTEN="$port,$target/origin-$i.sock" elsewhere node apps/origin.js &
    node_pids+=($!)
    await_200 "http://127.0.0.1:$port/"
  done
}

start_edge() { # sets edge_tcp, edge_unix, edge_handed, edge_tls, edge_logged
  edge_tcp=$(free_port) edge_unix=$(free_port) edge_handed=$(free_port) edge_tls=$(free_port) edge_logged=$(free_port)
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 7 -subj /CN=localhost \
    -keyout "$target/key.pem" -out "$target/cert.pem" 2>/dev/null
  cat >"$target/edge.json" <<JSON
{ "apps": [{ "name": "origin", "script": "$here/apps/origin.js", "instances": 2, "env": { "PORT": "$(free_port)" } }],
  "edge": { "listeners": ["127.0.0.1:$edge_tcp", "127.0.0.1:$edge_unix", "127.0.0.1:$edge_handed",
      { "address": "127.0.0.1:$edge_tls", "tls": { "cert": "$target/cert.pem", "key": "$target/key.pem" } }], "routes": [
    { "listen": ["127.0.0.1:$edge_tcp", "127.0.0.1:$edge_tls"], "upstream": ["http://127.0.0.1:${origin_ports[0]}", "http://127.0.0.1:${origin_ports[1]}"] },
    { "listen": "127.0.0.1:$edge_unix", "upstream": ["unix:${origin_paths[0]}", "unix:${origin_paths[1]}"] },
    { "listen": "127.0.0.1:$edge_handed", "app": "origin" } ] } }
JSON
  cat >"$target/logged.json" <<JSON
{ "apps": [{ "name": "logged", "script": "/bin/sleep", "args": "100000", "interpreter": "none" }],
  "edge": { "listeners": ["127.0.0.1:$edge_logged"], "access_log": { "file": "$target/edge-access.log" }, "routes": [
    { "upstream": ["http://127.0.0.1:${origin_ports[0]}", "http://127.0.0.1:${origin_ports[1]}"] } ] } }
JSON
  pinned env -u PM2_HOME "$launcher" start "$target/edge.json" >/dev/null
  pm2j start "$target/logged.json" >/dev/null
  local pid
  for pid in $(pm2j jlist | node -p 'JSON.parse(require("fs").readFileSync(0)).map(p => p.pid).join(" ")'); do
    ! alone || taskset -acp "1-$(($(nproc) - 1))" "$pid" >/dev/null 2>&1 || true
  done
  await_200 "http://127.0.0.1:$edge_handed/"
}

start_peers() { # sets nginx_tcp, nginx_unix, nginx_tls, nginx_logged, haproxy_tcp, haproxy_unix
  nginx_tcp=$(free_port) nginx_unix=$(free_port) nginx_tls=$(free_port) nginx_logged=$(free_port)
  haproxy_tcp=$(free_port) haproxy_unix=$(free_port)
  mkdir -p "$target/nginx"
  sed -e "s|@USER@|$(id -un)|" -e "s|@WORKERS@|$(loops)|" -e "s|@DIR@|$target/nginx|g" -e "s|@TCP@|$nginx_tcp|" -e "s|@UNIX@|$nginx_unix|" -e "s|@TLS@|$nginx_tls|" \
    -e "s|@CERT@|$target/cert.pem|" -e "s|@KEY@|$target/key.pem|" -e "s|@LOGGED@|$nginx_logged|" \
    -e "s|@TCP1@|127.0.0.1:${origin_ports[0]}|" -e "s|@TCP2@|127.0.0.1:${origin_ports[1]}|" \
    -e "s|@UNIX1@|unix:${origin_paths[0]}|" -e "s|@UNIX2@|unix:${origin_paths[1]}|" edge-nginx.conf.in >"$target/nginx.conf"
  pinned "$nginx" -c "$target/nginx.conf" -p "$target/nginx"
  sed -e "s|@THREADS@|$(loops)|" -e "s|@TCP@|$haproxy_tcp|" -e "s|@UNIX@|$haproxy_unix|" \
    -e "s|@TCP1@|127.0.0.1:${origin_ports[0]}|" -e "s|@TCP2@|127.0.0.1:${origin_ports[1]}|" \
    -e "s|@UNIX1@|unix@${origin_paths[0]}|" -e "s|@UNIX2@|unix@${origin_paths[1]}|" edge-haproxy.cfg.in >"$target/haproxy.cfg"
  pinned "$haproxy" -db -f "$target/haproxy.cfg" 2>"$target/haproxy.log" &
  haproxy_pid=$!
  node_pids+=("$haproxy_pid")
  await_200 "http://127.0.0.1:$nginx_tcp/"
  await_200 "http://127.0.0.1:$haproxy_tcp/"
}

drive() { # drive <workload> <port> <seconds>: prints how many requests and how many a second
  local wrk=(timeout 120 wrk -t1 -d"${3}s")
  case $1 in
    small | logged) elsewhere "${wrk[@]}" -c"$edge_connections" "http://127.0.0.1:$2/" ;;
    post) elsewhere "${wrk[@]}" -c32 -s apps/post.lua "http://127.0.0.1:$2/" ;;
    64k) elsewhere "${wrk[@]}" -c32 "http://127.0.0.1:$2/64k" ;;
    1m) elsewhere "${wrk[@]}" -c16 "http://127.0.0.1:$2/1m" ;;
    connect) elsewhere "${wrk[@]}" -c32 -H 'Connection: close' "http://127.0.0.1:$2/" ;;
    thousand) elsewhere "${wrk[@]}" -c1000 "http://127.0.0.1:$2/" ;;
    tls) elsewhere timeout 120 h2load --h1 -c"$edge_connections" -m1 -D"$3" "https://127.0.0.1:$2/" ;;
    http2) elsewhere timeout 120 h2load -c8 -m8 -D"$3" "https://127.0.0.1:$2/" ;;
    upgraded) elsewhere timeout 120 node apps/upgraded.js "$2" "$edge_connections" "$3" ;;
  esac >"$target/drive.txt"
  if grep -E '^requests:' "$target/drive.txt" | grep -Evq ' 0 failed, 0 errored, 0 timeout'; then
    grep -E '^requests:' "$target/drive.txt" >&2
  fi
  if grep -Eq 'Non-2xx|Socket errors: .*(connect|read|timeout) [1-9]' "$target/drive.txt"; then
    grep -E 'Non-2xx|Socket errors' "$target/drive.txt" >&2
  fi
  awk '/requests in/ { n = $1 } /Requests\/sec/ { r = $2 } /^finished in/ { r = $4 } /^requests:/ { n = $8 } NF == 2 && /^[0-9. ]+$/ { n = $1; r = $2 } END { print n, r }' \
    "$target/drive.txt"
}

spent() { # spent <workload> <what> <port> <pid>...
  local workload=$1 what=$2 port=$3 before after requests rate
  shift 3
  before=$(cpu_ticks "$@")
  read -r requests rate < <(drive "$workload" "$port" "$seconds")
  after=$(cpu_ticks "$@")
  note "edge $workload" "$what" "$(awk -v t=$((after - before)) -v n="$requests" -v hz="$(getconf CLK_TCK)" \
    'BEGIN { printf "%.1f", t / hz * 1e6 / n }')"
  note "edge $workload rate" "$what" "$rate"
}

edge_row() { # edge_row <workload> <title> <peer>...: peers are ours-tcp ours-unix ours-handed ours-logged nginx-... haproxy-...
  local workload=$1 title=$2 peer
  shift 2
  # What is hot differs with the work, and the JVM compiles it on the core that is measured.
  for peer in "$@"; do drive "$workload" "$(edge_port "$peer")" 5 >/dev/null; done
  for _ in $(seq "$rounds"); do
    for peer in "$@"; do
      # shellcheck disable=SC2046
      spent "$workload" "$peer" "$(edge_port "$peer")" $(edge_pids "$peer")
    done
  done
  {
    printf '\n**%s**\n\n| | median, µs of the proxy a request | of %s runs | requests/s |\n|---|---|---|---|\n' "$title" "$rounds"
    for peer in "$@"; do
      printf '| %s | %s | %s | %s |\n' "$(edge_name "$peer")" "$(values "edge $workload" "$peer" | median)" \
        "$(values "edge $workload" "$peer" | spread)" "$(values "edge $workload rate" "$peer" | median)"
    done
  } >>"$rows"
}

edge_port() {
  case $1 in
    ours-tcp) echo "$edge_tcp" ;; ours-unix) echo "$edge_unix" ;; ours-handed) echo "$edge_handed" ;; ours-tls) echo "$edge_tls" ;; nginx-tls) echo "$nginx_tls" ;; ours-logged) echo "$edge_logged" ;;
    nginx-tcp) echo "$nginx_tcp" ;; nginx-unix) echo "$nginx_unix" ;; nginx-logged) echo "$nginx_logged" ;;
    haproxy-tcp) echo "$haproxy_tcp" ;; haproxy-unix) echo "$haproxy_unix" ;;
  esac
}

edge_pids() {
  case $1 in
    ours-*) daemon_pid ;;
    nginx-*) nginx_workers ;;
    haproxy-*) pgrep -x haproxy ;;
  esac
}

edge_name() {
  case $1 in
    ours-tcp) echo "pm2j, TCP origins" ;; ours-unix) echo "pm2j, Unix origins" ;;
    ours-tls) echo "pm2j" ;; nginx-tls) echo "nginx" ;;
    ours-handed) echo "pm2j, handed-over sockets" ;; ours-logged) echo "pm2j, TCP origins, access log" ;;
    nginx-tcp) echo "nginx, TCP origins" ;; nginx-unix) echo "nginx, Unix origins" ;; nginx-logged) echo "nginx, TCP origins, access log" ;;
    haproxy-tcp) echo "HAProxy, TCP origins" ;; haproxy-unix) echo "HAProxy, Unix origins" ;;
  esac
}

section_edge() {
  heading "The edge beside nginx and HAProxy" "Routed listeners, $(if alone; then echo "each proxy alone on core 0 with one loop, worker or thread; origins (two Node processes) and load on the other cores"; else echo "all on all cores, a loop, worker or thread for each; two Node processes behind"; fi).
$seconds s a run after 5 s to warm up, peers in turn. What counts is the processor time of the proxy for a request."
  start_origins
  start_edge
  start_peers
  drive small "$edge_tcp" 10 >/dev/null # the JVM compiles what is hot
  drive small "$edge_handed" 5 >/dev/null
  edge_row small "Small GET, $edge_connections connections" ours-handed ours-unix ours-tcp nginx-tcp nginx-unix haproxy-tcp haproxy-unix
  edge_row post "POST of 16 KiB" ours-handed ours-tcp nginx-tcp haproxy-tcp
  edge_row 64k "GET of 64 KiB" ours-handed ours-tcp nginx-tcp haproxy-tcp
  edge_row 1m "GET of 1 MiB" ours-handed ours-tcp nginx-tcp haproxy-tcp
  edge_row connect "A new connection for each request" ours-handed ours-tcp nginx-tcp haproxy-tcp
  edge_row upgraded "125 bytes there and back, upgraded" ours-handed ours-tcp nginx-tcp haproxy-tcp
  edge_row thousand "Small GET, 1 000 connections" ours-handed ours-tcp nginx-tcp haproxy-tcp
  edge_row logged "Small GET with an access log" ours-logged nginx-logged
  edge_row tls "Small GET over TLS 1.3, $edge_connections connections, TCP origins" ours-tls nginx-tls
  edge_row http2 "Small GET by HTTP/2, 8 connections with 8 streams each, TCP origins" ours-tls nginx-tls
  stop_all
}
