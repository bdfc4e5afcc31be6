'use strict'
// Its child holds MEGABYTES and outlives it. /crash ends the parent alone.
const http = require('node:http')
const { spawn } = require('node:child_process')

const child = spawn(process.execPath, [`${__dirname}/child.js`], { stdio: 'ignore' })
http.createServer((request, response) => {
  if (request.url === '/crash') process.exit(1)
  response.end(JSON.stringify({ pid: process.pid, child: child.pid }))
}).listen(process.env.PORT)
