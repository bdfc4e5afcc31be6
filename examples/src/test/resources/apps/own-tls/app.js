'use strict'
// Speaks TLS itself, with key.pem and cert.pem from its own folder.
const fs = require('node:fs')
const https = require('node:https')
const path = require('node:path')

const file = name => fs.readFileSync(path.join(__dirname, name))
https.createServer({ key: file('key.pem'), cert: file('cert.pem') }, (request, response) => {
  response.end(`secret ${process.pid}\n`)
}).listen(process.env.PORT)
