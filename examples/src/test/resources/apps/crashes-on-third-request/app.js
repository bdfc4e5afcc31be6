'use strict'
const http = require('node:http')

let requests = 0
http.createServer((request, response) => {
  requests++
  if (requests === 3) throw new Error('the third request')
  response.end(`${process.pid}\n`)
}).listen(process.env.PORT)
