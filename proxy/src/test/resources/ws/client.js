// A client of WebSockets: runs the scenario it is told, says what came of it, and ends.
const crypto = require('crypto')
const http = require('http')
const WebSocket = require(process.argv[2] + '/node_modules/ws')
const url = 'ws://127.0.0.1:' + process.argv[3]
const options = { perMessageDeflate: false, maxPayload: 128 << 20 }

const open = (path, more) => new Promise((resolve, reject) => {
  const ws = new WebSocket(url + path, { ...options, ...more })
  ws.on('error', reject)
  ws.on('open', () => resolve(ws))
})
const closed = (ws) => new Promise((resolve) => ws.on('close', (code, why) => resolve(code + ' ' + why)))
const echo = (ws, data) => new Promise((resolve, reject) => {
  ws.once('message', (back) => (Buffer.compare(back, Buffer.from(data)) === 0 ? resolve() : reject(new Error('other bytes'))))
  ws.send(data)
})
const failure = (path, more) => open(path, more).then(() => 'open', (e) => e.message)

const scenarios = {
  async fragments () {
    const ws = await open('/')
    const parts = Array.from({ length: 1000 }, (_, i) => crypto.randomBytes(i % 200))
    const back = new Promise((resolve) => ws.once('message', resolve))
    parts.forEach((part, i) => ws.send(part, { binary: true, fin: i === parts.length - 1 }))
    const same = Buffer.compare(await back, Buffer.concat(parts)) === 0
    ws.close(1000)
    return same + ' ' + (await closed(ws)).trim()
  },
  async large () {
    const ws = await open('/')
    await echo(ws, crypto.randomBytes(64 << 20))
    ws.close(1000)
    return (await closed(ws)).trim()
  },
  async deflated () {
    const ws = await open('/', { perMessageDeflate: { threshold: 0 } })
    await echo(ws, Buffer.alloc(8 << 20, 'compressible '))
    await echo(ws, crypto.randomBytes(1 << 20))
    const extension = ws.extensions
    ws.close(1000)
    await closed(ws)
    return extension
  },
  async pings () {
    const ws = await open('/')
    let pongs = 0
    const all = new Promise((resolve) => ws.on('pong', () => { if (++pongs === 20000) resolve() }))
    for (let i = 0; i < 20000; i++) ws.ping(String(i))
    await all
    ws.close(1000)
    await closed(ws)
    return String(pongs)
  },
  async codes () {
    const seen = []
    for (const code of [1000, 1001, 1008, 1011, 3000, 4999]) seen.push(await closed(await open('/close/' + code)))
    return seen.join(',')
  },
  async many () {
    const all = []
    for (let i = 0; i < 1000; i += 50) all.push(...await Promise.all(Array.from({ length: 50 }, () => open('/'))))
    await Promise.all(all.map((ws, i) => echo(ws, 'hello ' + i)))
    console.log('open')
    await new Promise((resolve) => process.stdin.once('data', resolve))
    all.forEach((ws) => ws.close(1000))
    const codes = await Promise.all(all.map(closed))
    return new Set(codes.map((code) => code.trim())).size + ' ' + codes.length
  },
  async dying () {
    const seen = []
    for (const path of ['/die', '/reset']) {
      const ws = await open(path)
      ws.on('error', () => {})
      ws.send('now')
      seen.push((await closed(ws)).trim())
    }
    const ws = await open('/')
    await echo(ws, 'x')
    ws.terminate()
    seen.push((await closed(ws)).trim())
    return seen.join(',')
  },
  async refused () {
    return [await failure('/refused'), await failure('/fake')].join(',')
  },
  withBody () {
    return new Promise((resolve) => {
      const request = http.request({
        port: process.argv[3],
        method: 'GET',
        headers: {
          Connection: 'Upgrade',
          Upgrade: 'websocket',
          'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
          'Sec-WebSocket-Version': 13,
          'Content-Length': 5
        }
      })
      request.on('upgrade', () => resolve('upgraded'))
      request.on('response', (response) => resolve(String(response.statusCode)))
      request.on('error', (e) => resolve(e.message))
      request.end('12345')
    })
  },
  async idle () {
    const ws = await open('/')
    await echo(ws, 'before')
    await new Promise((resolve) => setTimeout(resolve, 8000))
    await echo(ws, 'after')
    ws.close(1000)
    return (await closed(ws)).trim()
  },
  async worker () {
    const all = await Promise.all(Array.from({ length: 20 }, () => open('/')))
    const ends = all.map((ws) => { ws.on('error', () => {}); return closed(ws) })
    http.get({ port: process.argv[3], path: '/exit' }).on('error', () => {}).on('response', (r) => r.resume())
    return [...new Set((await Promise.all(ends)).map((code) => code.trim()))].join(',')
  }
}

scenarios[process.argv[4]]().then((result) => { console.log(result); process.exit(0) }, (e) => { console.log('failed: ' + e.message); process.exit(1) })
