'use strict'
for (const signal of ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP']) {
  process.on(signal, () => {
    console.log(`got ${signal}`)
    process.exit()
  })
}
process.on('message', message => {
  console.log(`got message ${message}`)
  process.exit()
})
setInterval(() => {}, 1000)
console.log('waiting')
