'use strict'
// Writes the id of every POST (the first line of its body) to $LEDGER_DIR/<pid>.log before it answers, and answers
// with it. GET echoes ?load=; GET /big is one mebibyte.
const fs = require('node:fs')
const http = require('node:http')
const path = require('node:path')

const directory = process.env.LEDGER_DIR
const ledger = directory ? fs.openSync(path.join(directory, `${process.pid}.log`), 'a') : null
const big = Buffer.alloc(1024 * 1024, 'x')

function get (request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost')
  response.end(pathname === '/big' ? big : `${searchParams.get('load') ?? 'hello'} ${process.pid}\n`)
}

function post (request, response) {
  const pieces = []
  request.on('data', piece => pieces.push(piece))
  request.on('end', () => {
    const id = Buffer.concat(pieces).toString().split('\n', 1)[0]
    if (ledger !== null) fs.writeSync(ledger, `${id}\n`)
    response.end(`${id} ${process.pid}\n`)
  })
}

http.createServer((request, response) => (request.method === 'POST' ? post : get)(request, response))
  .listen(process.env.PORT || 3000)
