'use strict'
const http = require('node:http')

http.createServer((request, response) => response.end(`${process.pid}\n`))
  .listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
