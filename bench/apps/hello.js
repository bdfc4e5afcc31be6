'use strict'
// The smallest answer: 2 bytes and a length.
const http = require('node:http')

http.createServer((request, response) => {
  response.writeHead(200, { 'Content-Length': 2 })
  response.end('ok')
}).listen(process.env.PORT || 3000)
