'use strict'
// RFC 6455 by hand: echoes text frames of up to 125 bytes.
const { createHash } = require('node:crypto')
const http = require('node:http')

const server = http.createServer((request, response) => response.end(`${process.pid}\n`))
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
      const text = Buffer.from(held.subarray(6, 6 + length)).map((byte, i) => byte ^ mask[i % 4])
      if ((held[0] & 15) === 8) return socket.end()
      socket.write(Buffer.concat([Buffer.from([0x81, length]), text]))
      held = held.subarray(6 + length)
    }
  })
})
server.listen(process.env.PORT)
