'use strict'
// Answers with what it can see of the caller and of itself.
const http = require('node:http')

http.createServer((request, response) => {
  response.setHeader('Content-Type', 'application/json')
  response.end(JSON.stringify({
    pid: process.pid,
    instance: process.env.NODE_APP_INSTANCE,
    greeting: process.env.GREETING,
    remoteAddress: request.socket.remoteAddress,
    forwardedFor: request.headers['x-forwarded-for'],
    host: request.headers.host,
    url: request.url
  }))
}).listen(process.env.PORT || 3000, () => console.log('listening'))
