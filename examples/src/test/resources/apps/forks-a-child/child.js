'use strict'
process.on('SIGINT', () => process.exit())
global.held = Buffer.alloc(Number(process.env.MEGABYTES || 0) << 20, 1)
setInterval(() => {}, 1000)
