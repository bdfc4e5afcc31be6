'use strict'
const http = require('node:http')

http.createServer((request, response) => {
  response.end(`hello from pid ${process.pid}, instance ${process.env.NODE_APP_INSTANCE}\n`)
}).listen(process.env.PORT || 3000)
