'use strict'
// With BROKEN in its folder it prints why and then neither listens nor exits.
const fs = require('node:fs')
const http = require('node:http')
const path = require('node:path')

if (fs.existsSync(path.join(__dirname, 'BROKEN'))) {
  console.error('waiting for a database that is not there')
  setInterval(() => {}, 1000)
} else {
  http.createServer((request, response) => response.end(`${process.pid}\n`)).listen(process.env.PORT)
}
