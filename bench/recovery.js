'use strict'
// How long the replacement of a killed worker takes, beside how long the app takes to boot: `recovery.js PORT ROUNDS`.
//
// A request is due every 5 ms, each on a connection of its own, and its answer names the worker's pid. In turn, a plain
// `node apps/deployed.js` is started on another port until its first answer, and one of the two workers gets SIGKILL:
// from then until the first answer of a pid that was not there before. The load is the same in both.
const { spawn } = require('node:child_process')
const http = require('node:http')
const net = require('node:net')
const path = require('node:path')

const port = Number(process.argv[2])
const rounds = Number(process.argv[3])
const EVERY_MS = 5
const PATIENCE_MS = 20000
const app = path.join(__dirname, 'apps', 'deployed.js')

let sent = 0
let failed = 0
let heard = () => {}

const now = () => Number(process.hrtime.bigint()) / 1e6
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

function get (at, timeout) {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port: at, agent: false, timeout }, (response) => {
      let body = ''
      response.on('data', (part) => { body += part })
      response.on('aborted', () => reject(new Error('cut off')))
      response.on('end', () => response.statusCode === 200 ? resolve(body) : reject(new Error(String(response.statusCode))))
    })
    request.on('timeout', () => request.destroy(new Error('timeout')))
    request.on('error', reject)
  })
}

function ask () {
  sent++
  get(port, PATIENCE_MS).then((body) => heard(Number(body.split(' ')[1])), () => { failed++ })
}

// Until `wanted` says yes to the pid of an answer.
function until (wanted) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('nobody answered within 20 s')), PATIENCE_MS)
    heard = (pid) => {
      if (wanted(pid)) {
        clearTimeout(late)
        resolve(now())
      }
    }
  })
}

async function both () {
  const pids = new Set()
  await until((pid) => pids.add(pid).size === 2)
  return pids
}

async function recovery () {
  const before = await both()
  const began = now()
  process.kill([...before][0], 'SIGKILL')
  const took = await until((pid) => !before.has(pid)) - began
  // Longer than any min_uptime, and than the app's slowest answer.
  await sleep(4000)
  return took
}

function freePort () {
  return new Promise((resolve) => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = probe.address()
      probe.close(() => resolve(free))
    })
  })
}

async function boot () {
  const own = await freePort()
  const began = now()
  const child = spawn(process.execPath, [app], { env: { ...process.env, PORT: String(own) }, stdio: 'ignore' })
  try {
    while (now() - began < PATIENCE_MS) {
      const answer = await get(own, 1000).catch(() => '')
      if (answer) {
        return now() - began
      }
      await sleep(EVERY_MS)
    }
    throw new Error('the app does not boot')
  } finally {
    child.kill('SIGKILL')
  }
}

function said (all) {
  const sorted = [...all].sort((a, b) => a - b).map((ms) => Math.round(ms))
  return { median: sorted[Math.floor(sorted.length / 2)], least: sorted[0], most: sorted[sorted.length - 1] }
}

async function main () {
  const clock = setInterval(ask, EVERY_MS)
  const boots = []
  const recoveries = []
  await both()
  for (let i = 0; i < rounds; i++) {
    boots.push(await boot())
    recoveries.push(await recovery())
  }
  clearInterval(clock)
  const b = said(boots)
  const r = said(recoveries)
  console.log(`${sent}\t${failed}\t${b.median} ms (${b.least} to ${b.most})\t${r.median} ms (${r.least} to ${r.most})\t${r.median - b.median} ms`)
}

main().then(() => process.exit(0), (e) => { console.error(e.message); process.exit(1) })
