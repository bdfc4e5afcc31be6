const http = require('node:http');

http.createServer((request, response) => {
  response.end(`shop ${request.url} for ${request.headers['x-forwarded-for']}\n`);
}).listen(process.env.PORT || 3000);
