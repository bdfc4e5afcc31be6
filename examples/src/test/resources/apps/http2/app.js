// Answers with what it got, after a while; notes each request that it takes, so that one taken twice is seen.
const fs = require('fs');
const http = require('http');

http.createServer((request, response) => {
  fs.appendFileSync('ledger', request.headers['x-number'] + '\n');
  let length = 0;
  request.on('data', piece => { length += piece.length; });
  request.on('end', () => setTimeout(() => {
    response.setHeader('x-number', request.headers['x-number']);
    response.end(request.method + ' ' + length);
  }, 5));
}).listen(Number(process.argv[2]));
