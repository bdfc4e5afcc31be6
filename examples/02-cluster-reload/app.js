'use strict'
// Takes half a second to boot and 20 ms to answer, like a real one. It knows nothing about reloads.
const http = require('node:http')

const server = http.createServer((request, response) => {
  setTimeout(() => response.end(`pid ${process.pid}\n`), 20)
})
setTimeout(() => server.listen(process.env.PORT || 3000), 500)
