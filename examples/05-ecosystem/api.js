'use strict'
const http = require('node:http')

http.createServer((request, response) => {
  response.end(`${process.env.GREETING} from the api\n`)
}).listen(process.env.PORT)
