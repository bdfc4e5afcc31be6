'use strict'
// Prints what it is told: lines, signals, messages; announces two actions, and answers them.
const say = (type, data) => process.send && process.send({ type, data })

process.stdin.on('data', data => console.log(`line ${data.toString().trim()}`))
process.on('SIGUSR2', () => console.log('signal SIGUSR2'))
process.on('message', message => {
  if (message === 'count') {
    say('axm:reply', { action_name: 'count', return: { answer: 42 } })
  } else if (message.msg === 'echo') {
    say('axm:reply', { action_name: 'echo', return: { said: message.opts } })
  } else {
    console.log(`message ${JSON.stringify(message)}`)
  }
})
say('axm:action', { action_name: 'count', arity: 0 })
say('axm:action', { action_name: 'echo', arity: 1 })
console.log(`started args=${process.argv.slice(2)} LEVEL=${process.env.LEVEL} DEPTH=${process.env.DEPTH}`)
setInterval(() => {}, 1000)
