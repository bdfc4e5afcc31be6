'use strict'
// upgraded.js PORT CONNECTIONS SECONDS: sends 125 bytes on each upgraded connection, and again when they are back.
// Prints how often they came back, and how often a second.
const net = require('node:net')

const [port, connections, seconds] = process.argv.slice(2).map(Number)
const message = Buffer.alloc(125, 'm')
let count = 0
for (let i = 0; i < connections; i++) {
  let upgraded = false
  let had = 0
  const socket = net.connect(port, '127.0.0.1', () => socket.write(
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n'))
  socket.setNoDelay(true)
  socket.on('data', data => {
    if (!upgraded) {
      upgraded = true
      socket.write(message)
      return
    }
    had += data.length
    if (had >= message.length) {
      had -= message.length
      count++
      socket.write(message)
    }
  }).on('error', error => { console.error(String(error)); process.exit(1) })
}
setTimeout(() => { console.log(count, count / seconds); process.exit(0) }, seconds * 1000)
