'use strict'
const http = require('node:http')

http.createServer((request, response) => {
  setTimeout(() => response.end(`${process.pid}\n`), 1000)
}).listen(process.env.PORT)
