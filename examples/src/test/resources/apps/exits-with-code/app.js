'use strict'
setTimeout(() => process.exit(Number(process.env.CODE)), 100)
