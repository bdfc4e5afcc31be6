// A server of WebSockets: says its port, echoes what comes, and does by path what some servers do.
const http = require('http')
const { WebSocketServer } = require(process.argv[2] + '/node_modules/ws')

const sockets = new WebSocketServer({ noServer: true, maxPayload: 128 << 20, perMessageDeflate: { threshold: 0 } })
const server = http.createServer((request, response) => {
  if (request.url === '/exit') process.exit(1)
  response.end('plain')
})
server.on('upgrade', (request, socket, head) => {
  if (request.url === '/refused') {
    socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno')
    return
  }
  if (request.url === '/fake') {
    socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\nsecret')
    return
  }
  sockets.handleUpgrade(request, socket, head, (ws) => {
    ws.on('message', (data, binary) => {
      if (request.url === '/die') socket.destroy()
      else if (request.url === '/reset') socket.resetAndDestroy()
      else ws.send(data, { binary })
    })
    if (request.url.startsWith('/close/')) ws.close(Number(request.url.slice(7)), 'because')
  })
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
