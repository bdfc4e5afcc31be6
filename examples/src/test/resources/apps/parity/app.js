// Says what it was started with, on its streams and in $SEEN/<name>-<instance>.json; answers lines, messages and signals.
const fs = require('fs')
const path = require('path')
const instance = process.env.NODE_APP_INSTANCE
const file = path.join(process.env.SEEN, process.env.name + '-' + instance + '.json')
const names = ['name', 'namespace', 'pm_id', 'exec_mode', 'instances', 'NODE_APP_INSTANCE', 'WORKER', 'PORT', 'LEVEL', 'OTHER',
  'autorestart', 'watch', 'status', 'restart_time', 'pm_exec_path', 'pm_cwd', 'exec_interpreter', 'pm_out_log_path',
  'pm_err_log_path', 'pm_pid_path', 'vizion', 'merge_logs', 'username', 'unstable_restarts', 'km_link', 'kill_retry_time',
  'treekill', 'windowsHide', 'node_args', 'PM2_USAGE', 'PM2_HOME', 'filter_env', 'automation', 'pmx']
const env = {}
for (const name of names) if (name in process.env) env[name] = process.env[name]
const seen = { argv: process.argv.slice(2), execArgv: process.execArgv, cwd: process.cwd(), env }
fs.writeFileSync(file + '.new', JSON.stringify(seen, null, 1))
fs.renameSync(file + '.new', file)
console.log('hello of ' + process.env.name)
console.error('oops of ' + process.env.name)
process.on('SIGUSR2', () => console.log('a signal'))
process.on('message', message => console.log('message ' + JSON.stringify(message)))
if (instance === '0' && process.env.exec_mode !== 'cluster_mode') {
  process.stdin.on('data', data => console.log('line ' + String(data).trim()))
}
setInterval(() => {}, 1000)
