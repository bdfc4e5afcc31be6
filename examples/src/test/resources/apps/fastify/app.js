'use strict'
const fastify = require('fastify')()

fastify.get('/', async () => ({ pid: process.pid }))
fastify.post('/echo', async request => request.body)
fastify.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
