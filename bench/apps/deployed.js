'use strict'
// An app as people deploy it: half a second to start, answers after 5 ms, one GET in fifty after 2.5 s. With
// GRACEFUL=1 it does all that PM2's documentation asks for: says that it is ready, and on SIGINT closes its server and
// ends once all is answered.
const http = require('node:http')

let asked = 0
const server = http.createServer((request, response) => {
  const slow = request.method === 'GET' && ++asked % 50 === 0
  request.resume()
  request.on('end', () => setTimeout(() => response.end(`hello ${process.pid}\n`), slow ? 2500 : 5))
})

setTimeout(() => {
  server.listen(process.env.PORT, () => {
    if (process.env.GRACEFUL && process.send) process.send('ready')
  })
}, 500)

if (process.env.GRACEFUL) {
  process.on('SIGINT', () => {
    server.close(() => process.exit(0))
    server.closeIdleConnections()
  })
}
