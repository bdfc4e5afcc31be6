// Says what it was started with, on its streams and in $SEEN/<name>-<instance>.json; answers lines, messages and signals.
const fs = require('fs')
const path = require('path')
const instance = process.env.NODE_APP_INSTANCE
const file = path.join(process.env.SEEN, process.env.name + '-' + instance + '.json')
const names = ['name', 'namespace', 'pm_id', 'exec_mode', 'NODE_APP_INSTANCE', 'WORKER', 'PORT', 'LEVEL', 'OTHER',
  'pm_exec_path', 'pm_cwd', 'PM2_USAGE', 'PM2_HOME']
const env = {}
for (const name of names) if (name in process.env) env[name] = process.env[name]
const seen = { argv: process.argv.slice(2), execArgv: process.execArgv.filter(word => !/^(-r|--require|.*preload.cjs)$/.test(word)), cwd: process.cwd(), env }
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
