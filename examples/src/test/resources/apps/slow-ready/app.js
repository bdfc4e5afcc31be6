'use strict'
// Listens and says that it is ready only after READY_AFTER milliseconds.
const http = require('node:http')

setTimeout(() => {
  http.createServer((request, response) => response.end(`${process.pid}\n`))
    .listen(process.env.PORT, () => process.send && process.send('ready'))
}, Number(process.env.READY_AFTER || 1000))
