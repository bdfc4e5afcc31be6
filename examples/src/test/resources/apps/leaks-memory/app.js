'use strict'
// Each GET of /leak keeps ten more megabytes.
const http = require('node:http')

const kept = []
http.createServer((request, response) => {
  if (request.url === '/leak') kept.push(Buffer.alloc(10 << 20, 1))
  response.end(`${process.pid}\n`)
}).listen(process.env.PORT)
