# Sourced by bench/run: the sections about starting, stopping and remembering processes.

section_commands() {
  heading "Commands on one app" "Wall time of each command on one fork-mode app (apps/hello.js) with the daemon up."
  local port
  pm2j ping >/dev/null
  pm2 ping >/dev/null
  for _ in $(seq "$rounds"); do
    port=$(free_port)
    PORT=$port timed commands "pm2j start" env -u PM2_HOME "$launcher" start apps/hello.js --name one
    timed commands "pm2j restart" env -u PM2_HOME "$launcher" restart one
    timed commands "pm2j stop" env -u PM2_HOME "$launcher" stop one
    timed commands "pm2j delete" env -u PM2_HOME "$launcher" delete one
    PORT=$port timed commands "pm2 start" "$pm2_bin" start apps/hello.js --name one
    timed commands "pm2 restart" "$pm2_bin" restart one
    timed commands "pm2 stop" "$pm2_bin" stop one
    timed commands "pm2 delete" "$pm2_bin" delete one
  done
  table commands ms "pm2j start" "pm2 start" "pm2j restart" "pm2 restart" "pm2j stop" "pm2 stop" "pm2j delete" "pm2 delete"
  stop_all
}

sleepers() { # sleepers <count>: an ecosystem file of so many apps that only sleep
  local file=$target/sleepers-$1.json i
  {
    printf '{"apps":['
    for i in $(seq "$1"); do
      [ "$i" = 1 ] || printf ','
      printf '{"name":"sleeper-%d","script":"/bin/sleep","args":"100000","interpreter":"none"}' "$i"
    done
    printf ']}'
  } >"$file"
  echo "$file"
}

daemon_memory() { # daemon_memory <peer> <apps> <pid>
  note many "$1, $2 apps, Rss" "$(memory_kb Rss "$3")"
  note many "$1, $2 apps, Pss" "$(memory_kb Pss "$3")"
}

section_many() {
  heading "Many apps" "Apps that only sleep, started from one file: the time until the command returns, the daemon's memory a few seconds later, and the list."
  local count file
  for count in 0 4 20 200; do
    file=$(sleepers "$count")
    for peer in pm2j pm2; do
      "$peer" ping >/dev/null
      [ "$count" = 0 ] || timed many-start "$peer, $count apps" bench_peer "$peer" start "$file"
      sleep 3
      daemon_memory "$peer" "$count" "$(cat "$(home_of "$peer")/pm2.pid")"
      if [ "$count" = 200 ]; then
        for _ in 1 2 3 4 5; do timed many-ls "$peer ls, 200 apps" bench_peer "$peer" ls; done
      fi
      "$peer" kill >/dev/null
    done
  done
  table many-start ms "pm2j, 4 apps" "pm2, 4 apps" "pm2j, 20 apps" "pm2, 20 apps" "pm2j, 200 apps" "pm2, 200 apps"
  table many KiB "pm2j, 0 apps, Rss" "pm2, 0 apps, Rss" "pm2j, 4 apps, Rss" "pm2, 4 apps, Rss" "pm2j, 20 apps, Rss" \
    "pm2, 20 apps, Rss" "pm2j, 200 apps, Rss" "pm2, 200 apps, Rss" "pm2j, 0 apps, Pss" "pm2, 0 apps, Pss" \
    "pm2j, 200 apps, Pss" "pm2, 200 apps, Pss"
  table many-ls ms "pm2j ls, 200 apps" "pm2 ls, 200 apps"
}

home_of() { if [ "$1" = pm2j ]; then echo "$PM2J_HOME"; else echo "$PM2_HOME"; fi; }

bench_peer() { # bench_peer <peer> <command>...: as `timed` runs it, without the minute that its functions allow
  local peer=$1
  shift
  if [ "$peer" = pm2j ]; then env -u PM2_HOME "$launcher" "$@"; else "$pm2_bin" "$@"; fi
}

section_workers() {
  heading "A Node worker's memory" "Proportional memory (Pss) of one cluster worker of apps/hello.js after its first answer, beside the same script under bare Node."
  local port pid
  for _ in $(seq "$rounds"); do
    start_ours
    pid=$(pm2j jlist | node -p 'JSON.parse(require("fs").readFileSync(0))[0].pid')
    note workers "pm2j cluster worker" "$(memory_kb Pss "$pid")"
    stop_ours
    start_pm2
    pid=$(pm2 jlist 2>/dev/null | node -p 'JSON.parse(require("fs").readFileSync(0))[0].pid')
    note workers "pm2 cluster worker" "$(memory_kb Pss "$pid")"
    stop_pm2
    start_plain_nodes
    note workers "bare node" "$(memory_kb Pss "${node_pids[0]}")"
    stop_plain_nodes
  done
  table workers KiB "pm2j cluster worker" "pm2 cluster worker" "bare node"
}

section_respawn() {
  heading "From SIGKILL to the next answer" "One cluster worker of apps/hello.js; the clock runs from its SIGKILL to the next 200, which only its replacement can give."
  local pid from port
  port=$(free_port)
  PORT=$port pm2j start apps/hello.js --name bench -i 1 >/dev/null
  await_200 "http://127.0.0.1:$port/"
  for _ in $(seq $((rounds * 2))); do
    sleep 1.5
    pid=$(pm2j jlist | node -p 'JSON.parse(require("fs").readFileSync(0))[0].pid')
    from=$(now_ms)
    kill -9 "$pid"
    await_200 "http://127.0.0.1:$port/"
    note respawn "pm2j" $(($(now_ms) - from))
  done
  stop_ours
  port=$(free_port)
  PORT=$port pm2 start apps/hello.js --name bench -i 1 >/dev/null
  await_200 "http://127.0.0.1:$port/"
  for _ in $(seq $((rounds * 2))); do
    sleep 1.5
    pid=$(pm2 jlist 2>/dev/null | node -p 'JSON.parse(require("fs").readFileSync(0))[0].pid')
    from=$(now_ms)
    kill -9 "$pid"
    await_200 "http://127.0.0.1:$port/"
    note respawn "pm2" $(($(now_ms) - from))
  done
  table respawn ms pm2j pm2
  stop_all
}
