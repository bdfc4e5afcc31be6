'use strict'
// Prints LINES numbered lines, piece by piece, then waits; instances tell themselves apart by their letter.
const letter = 'ab'[process.env.NODE_APP_INSTANCE || 0]
const lines = Number(process.env.LINES)
let text = ''
for (let i = 1; i <= lines; i++) text += `${letter}${i} ${letter.repeat(i % 60)}\n`

let at = 0
function print () {
  // Pieces that end within a line.
  process.stdout.write(text.slice(at, at + 777))
  at += 777
  if (at < text.length) setImmediate(print)
}
print()
setInterval(() => {}, 1000)
