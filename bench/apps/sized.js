// An origin of fixed bodies: /1k, /64k, /256k, /1m. Listens at PORT, which may be a path.
const http = require('http')

const bodies = { '/1k': 1024, '/64k': 65536, '/256k': 262144, '/1m': 1048576 }
for (const path of Object.keys(bodies)) bodies[path] = Buffer.alloc(bodies[path], 'x')

http.createServer((request, response) => {
  const body = bodies[request.url] || Buffer.alloc(0)
  response.writeHead(body.length ? 200 : 404, { 'Content-Length': body.length })
  response.end(body)
}).listen(process.env.PORT)
