'use strict'
// A plain HTTP server that tells what it saw: to each client by a digest, to the test by counts.
const http = require('http')
const net = require('net')
const crypto = require('crypto')
let started = 0
let complete = 0
let refused = 0
let last = []

function saw (req, body) {
  let text = `${req.method} ${req.url} HTTP/${req.httpVersion}\n`
  for (let i = 0; i < req.rawHeaders.length; i += 2) text += `${req.rawHeaders[i]}: ${req.rawHeaders[i + 1]}\n`
  return text + '\n' + body.toString('latin1')
}

const server = http.createServer((req, res) => {
  started++
  const parts = []
  req.on('data', part => parts.push(part))
  req.on('error', () => {})
  req.on('end', () => {
    complete++
    const text = saw(req, Buffer.concat(parts))
    if (last.length < 8) last.push(text)
    res.setHeader('X-Saw', crypto.createHash('sha256').update(text, 'latin1').digest('hex'))
    res.setHeader('Content-Length', 2)
    res.end('ok')
  })
})
server.maxHeadersCount = 0
server.requestTimeout = 0
server.on('clientError', (err, socket) => {
  refused++
  if (last.length < 8) last.push(`refused: ${err.code}`)
  if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
})
const control = net.createServer(socket => {
  socket.on('data', () => {
    socket.write(JSON.stringify([started, complete, refused, last.join('\n---\n')]) + '\n')
    last = []
  })
  socket.on('error', () => {})
  socket.on('close', () => process.exit(0))
})
server.listen(0, '127.0.0.1', 4096, () => control.listen(0, '127.0.0.1', () => {
  console.log(`${server.address().port} ${control.address().port}`)
}))
