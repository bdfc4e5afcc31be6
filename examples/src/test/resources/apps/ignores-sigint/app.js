'use strict'
const http = require('node:http')

process.on('SIGINT', () => console.log('no, thank you'))
http.createServer((request, response) => response.end(`${process.pid}\n`)).listen(process.env.PORT)
