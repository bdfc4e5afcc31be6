'use strict'
// Everything at once, for what must hold while workers come and go: GET echoes ?load=, GET /slow and POST /slow take
// ?ms=, or ?until= a file that is there then, and the first notes its ?load= as a POST does its id. GET /drip sends a piece each 50 ms, GET /events is an event stream, GET /big is one mebibyte, a WebSocket
// echoes. A POST's id, the first line of its body, goes into $LEDGER_DIR/<pid>.log before anything else happens; a
// body that is not as its sender says (?length=, all x after the id) is answered 422.
// GET /leak keeps twenty megabytes more.
// $FAULT: exit, never-ready, crash (300 ms after it listens), broken (500 to everything). $VERSION comes with answers.
const { createHash } = require('node:crypto')
const fs = require('node:fs')
const http = require('node:http')
const path = require('node:path')

const { FAULT: fault, VERSION: version = '1', LEDGER_DIR: directory, NODE_APP_INSTANCE: instance = '' } = process.env
const ledger = directory ? fs.openSync(path.join(directory, `${process.pid}.log`), 'a') : null
const kept = []
const big = Buffer.alloc(1024 * 1024, 'x')

if (fault === 'exit') {
  console.error('no database')
  process.exit(3)
}

function later (url, work) {
  const file = url.searchParams.get('until')
  if (file !== null) {
    const timer = setInterval(() => {
      if (!fs.existsSync(file)) return
      clearInterval(timer)
      work()
    }, 20)
    return
  }
  const ms = Number(url.searchParams.get('ms') ?? 0)
  if (ms > 0) setTimeout(work, ms)
  else work()
}

function get (url, response) {
  const said = `${url.searchParams.get('load') ?? 'hello'} ${process.pid} v${version} i${instance}\n`
  if (url.pathname === '/slow' && ledger !== null) fs.writeSync(ledger, `${url.searchParams.get('load')}\n`)
  if (url.pathname === '/leak') kept.push(Buffer.alloc(20 << 20, 1))
  if (url.pathname === '/big') return response.end(big)
  if (url.pathname === '/events') return stream(response, 'text/event-stream', () => `data: ${process.pid}\n\n`)
  if (url.pathname === '/drip') return stream(response, 'text/plain', () => `${process.pid}\n`)
  later(url, () => response.end(said))
}

function stream (response, type, piece) {
  response.writeHead(200, { 'Content-Type': type })
  response.write(piece())
  const timer = setInterval(() => response.write(piece()), 50)
  response.on('close', () => clearInterval(timer))
}

function post (url, request, response) {
  const pieces = []
  let noted = false
  request.on('data', piece => {
    pieces.push(piece)
    if (noted) return
    const [id, more] = Buffer.concat(pieces).toString('latin1', 0, 200).split('\n', 2)
    if (more === undefined) return
    noted = true
    if (ledger !== null) fs.writeSync(ledger, `${id}\n`)
  })
  request.on('end', () => {
    const body = Buffer.concat(pieces)
    const begin = body.indexOf(10) + 1
    const whole = !url.searchParams.has('length') || Number(url.searchParams.get('length')) === body.length
    response.statusCode = whole && body.subarray(begin).every(byte => byte === 120) ? 200 : 422
    later(url, () => response.end(`${body.toString('latin1', 0, begin - 1)} ${process.pid}\n`))
  })
}

const server = http.createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost')
  if (fault === 'broken') {
    response.statusCode = 500
    response.end('broken\n')
  } else if (request.method === 'POST') post(url, request, response)
  else get(url, response)
})
// Short, so that what happens at its end happens often.
server.keepAliveTimeout = Number(process.env.KEEP_ALIVE_MS ?? 5000)

server.on('upgrade', (request, socket) => {
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Accept: ${accept}\r\n\r\n`)
  socket.on('error', () => {})
  let held = Buffer.alloc(0)
  socket.on('data', data => {
    held = Buffer.concat([held, data])
    while (held.length >= 6 && held.length >= 6 + (held[1] & 127)) {
      const length = held[1] & 127
      const mask = held.subarray(2, 6)
      if ((held[0] & 15) === 8) return socket.end(Buffer.from([0x88, 0]))
      const text = Buffer.from(held.subarray(6, 6 + length)).map((byte, i) => byte ^ mask[i % 4])
      const answer = Buffer.concat([text, Buffer.from(` ${process.pid}`)])
      socket.write(Buffer.concat([Buffer.from([0x81, answer.length]), answer]))
      held = held.subarray(6 + length)
    }
  })
})

if (fault !== 'never-ready') {
  server.listen(process.env.PORT, () => {
    if (fault === 'crash') setTimeout(() => process.exit(4), 300)
  })
} else setInterval(() => {}, 1000)
