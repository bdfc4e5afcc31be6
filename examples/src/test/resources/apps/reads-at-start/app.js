'use strict'
// Serves what content.txt held when it started, and ends at once where there is none.
const fs = require('node:fs')
const http = require('node:http')

console.log(`booted ${Date.now()}`)
const content = fs.readFileSync(`${__dirname}/content.txt`, 'utf8').trim()
http.createServer((request, response) => {
  response.end(JSON.stringify({ pid: process.pid, content, cwd: process.cwd() }))
}).listen(process.env.PORT)
