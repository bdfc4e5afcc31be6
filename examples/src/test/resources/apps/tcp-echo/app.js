'use strict'
const net = require('node:net')

net.createServer({ allowHalfOpen: true }, socket => {
  socket.on('error', () => {})
  socket.pipe(socket)
}).listen(process.env.PORT)
