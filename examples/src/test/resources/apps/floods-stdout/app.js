'use strict'
// Writes as fast as it is read.
let line = 0
function flood () {
  while (process.stdout.write(`${++line} ${'x'.repeat(100)}\n`)) {
    if (line % 1000 === 0) return setImmediate(flood)
  }
  process.stdout.once('drain', flood)
}
flood()
