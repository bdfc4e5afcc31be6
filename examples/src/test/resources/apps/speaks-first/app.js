'use strict'
const net = require('node:net')

net.createServer(socket => {
  socket.on('error', () => {})
  socket.write('220 ready\r\n')
  socket.on('data', data => socket.end(`you said ${data}`))
}).listen(process.env.PORT)
