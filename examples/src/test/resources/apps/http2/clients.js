// Eight clients with twenty streams each, until standard input ends. Says how many answers there were, now and then,
// and in the end what failed. A request may be sent again only when the server says that it was not begun
// (RFC 9113 section 8.7), or when it was never sent.
const http2 = require('http2');
const [port, connections, streams] = process.argv.slice(2).map(Number);
const failures = [];
let answered = 0;
let number = 0;
let over = false;

function connect(client) {
  const session = http2.connect('https://localhost:' + port, { rejectUnauthorized: false });
  session.on('goaway', () => { if (client.session === session) client.session = connect(client); });
  session.on('close', () => { if (client.session === session && !over) client.session = connect(client); });
  session.on('error', error => failures.push('connection: ' + error.message));
  return session;
}

function once(client, own) {
  const post = own % 5 === 0;
  const body = post ? Buffer.alloc((own * 7919) % 65536, 'x') : null;
  return new Promise(resolve => {
    let request;
    try {
      const head = { ':method': post ? 'POST' : 'GET', ':path': '/', 'x-number': String(own) };
      request = client.session.request(head, { endStream: !post });
    } catch (error) {
      resolve('not sent');
      return;
    }
    let status;
    let text = '';
    let wrong = null;
    request.setEncoding('utf8');
    request.setTimeout(60000, () => {
      wrong = 'silent for a minute';
      request.close(http2.constants.NGHTTP2_CANCEL);
    });
    request.on('response', head => { status = head[':status'] + ' ' + head['x-number']; });
    request.on('data', piece => { text += piece; });
    request.on('error', error => { wrong = error.message; });
    request.on('close', () => {
      const expected = post ? 'POST ' + body.length : 'GET 0';
      if (request.rstCode === http2.constants.NGHTTP2_REFUSED_STREAM) {
        resolve('not begun');
      } else if (wrong || status !== '200 ' + own || text !== expected) {
        resolve('stream ' + request.id + ' ended ' + request.rstCode + ': ' + status + ' ' + text + ' ' + wrong);
      } else {
        resolve(null);
      }
    });
    if (post) request.end(body);
  });
}

async function loop(client) {
  while (!over) {
    const own = ++number;
    let outcome = await once(client, own);
    for (let i = 0; i < 100 && (outcome === 'not sent' || outcome === 'not begun'); i++) {
      await new Promise(resolve => setTimeout(resolve, 50));
      outcome = await once(client, own);
    }
    if (outcome) failures.push(outcome);
    answered++;
    if (answered % 50 === 0) console.log(answered);
  }
}

const all = [];
for (let i = 0; i < connections; i++) {
  const client = {};
  client.session = connect(client);
  for (let j = 0; j < streams; j++) all.push(loop(client));
}
process.stdin.resume().on('end', () => {
  over = true;
  Promise.all(all).then(() => {
    console.log('over ' + failures.length + ' ' + [...new Set(failures)].slice(0, 5).join('; '));
    process.exit(0);
  });
});
