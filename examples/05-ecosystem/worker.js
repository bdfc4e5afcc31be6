'use strict'
let jobs = 0
setInterval(() => console.log(`job ${++jobs} done`), 200)
