'use strict'
const http = require('node:http')

function theCulprit () {
  throw new Error('nobody caught this')
}

async function thePromiseBreaker () {
  throw new Error('nobody handled this')
}

http.createServer((request, response) => {
  if (request.url === '/throw') setImmediate(theCulprit)
  if (request.url === '/reject') thePromiseBreaker()
  response.end('ok\n')
}).listen(process.env.PORT)
