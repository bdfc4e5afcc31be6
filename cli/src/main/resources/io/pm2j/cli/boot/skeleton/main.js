'use strict';
// Serves web/htdocs.
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');

const root = path.join(__dirname, 'htdocs');
const types = { '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript', '.json': 'application/json' };

const server = http.createServer((request, response) => {
  let wanted;
  try {
    wanted = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
  } catch {
    response.writeHead(400).end();
    return;
  }
  const file = path.join(root, wanted.endsWith('/') ? wanted + 'index.html' : wanted);
  if (!file.startsWith(root + path.sep) || file.includes('\0')) {
    response.writeHead(404).end();
    return;
  }
  fs.readFile(file, (problem, content) => {
    if (problem) {
      response.writeHead(404).end('not found\n');
    } else {
      response.writeHead(200, { 'Content-Type': types[path.extname(file)] ?? 'application/octet-stream' });
      response.end(content);
    }
  });
});

server.listen(process.env.PORT || 3000, () => console.log('listening on ' + server.address().port));
process.on('SIGINT', () => server.close(() => process.exit(0)));
