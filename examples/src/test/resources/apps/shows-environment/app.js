'use strict'
// Answers with all that a process is given: its variables, folder, rights and limits.
const fs = require('node:fs')
const http = require('node:http')

const limits = fs.readFileSync('/proc/self/limits', 'utf8')
const given = {
  pid: process.pid,
  cwd: process.cwd(),
  uid: process.getuid(),
  gid: process.getgid(),
  umask: process.umask().toString(8),
  openFiles: /Max open files\s+(\d+)/.exec(limits)[1],
  env: process.env
}
http.createServer((request, response) => response.end(JSON.stringify(given))).listen(process.env.PORT)
