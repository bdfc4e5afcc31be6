'use strict'
// The origin behind every proxy of the comparison: small and large answers, uploads, and an upgrade that echoes.
// It listens at each address of LISTEN (ports and paths), or at PORT.
const crypto = require('node:crypto')
const http = require('node:http')

const bodies = { '/': Buffer.from('ok'), '/64k': Buffer.alloc(64 << 10, 'x'), '/1m': Buffer.alloc(1 << 20, 'x') }

function handle (request, response) {
  const body = bodies[request.url] || bodies['/']
  const answer = () => {
    response.writeHead(200, { 'Content-Length': body.length })
    response.end(body)
  }
  if (request.method === 'POST') {
    request.on('end', answer).resume()
  } else {
    answer()
  }
}

function upgrade (request, socket) {
  const key = request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
    `Sec-WebSocket-Accept: ${crypto.createHash('sha1').update(key).digest('base64')}\r\n\r\n`)
  socket.on('data', data => socket.write(data)).on('error', () => socket.destroy())
}

for (const address of (process.env.LISTEN || process.env.PORT || '3000').split(',')) {
  const server = http.createServer(handle).on('upgrade', upgrade)
  server.keepAliveTimeout = 60_000
  server.listen(address)
}
