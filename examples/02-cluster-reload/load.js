'use strict'
// node load.js <port> <seconds>: 16 callers, half of them on kept-alive connections. Counts whatever is not a whole 200.
// A small stand-in for the load source of ../../bench, so that this example needs only Node.
const http = require('node:http')

const port = Number(process.argv[2])
const until = Date.now() + Number(process.argv[3]) * 1000
const kinds = new Map()
let answered = 0
let failed = 0

function count (kind) {
  failed++
  kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
}

function once (agent) {
  return new Promise(resolve => {
    const request = http.get({ port, host: '127.0.0.1', agent, timeout: 10000 }, response => {
      response.resume()
      response.on('end', () => { response.statusCode === 200 ? answered++ : count(response.statusCode); resolve() })
      response.on('error', error => { count(error.code); resolve() })
    })
    request.on('timeout', () => request.destroy(new Error('timeout')))
    request.on('error', error => { count(error.code ?? error.message); resolve() })
  })
}

async function caller (number) {
  const agent = number % 2 ? new http.Agent({ keepAlive: true, maxSockets: 1 }) : new http.Agent({ keepAlive: false })
  while (Date.now() < until) await once(agent)
  agent.destroy()
}

Promise.all(Array.from({ length: 16 }, (_, number) => caller(number))).then(() => {
  console.log(`${answered} answered, ${failed} failed${failed ? ' ' + JSON.stringify([...kinds]) : ''}`)
  process.exit(failed > 0 || answered < 100 ? 1 : 0)
})
