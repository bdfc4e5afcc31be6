'use strict'
const http = require('node:http')

for (const name of ['FIRST_PORT', 'SECOND_PORT']) {
  http.createServer((request, response) => response.end(`${name} ${process.pid}\n`)).listen(Number(process.env[name]))
}
