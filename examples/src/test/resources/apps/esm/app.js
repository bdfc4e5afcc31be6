import { createServer } from 'node:http'

const greeting = await Promise.resolve('hello from esm')
createServer((request, response) => response.end(`${greeting} ${process.pid}\n`)).listen(process.env.PORT)
