'use strict'
const express = require('express')

const app = express()
app.set('trust proxy', 'loopback')
app.use(express.json())
app.get('/', (request, response) => response.json({ pid: process.pid, ip: request.ip }))
app.post('/echo', (request, response) => response.json(request.body))
app.listen(process.env.PORT)
