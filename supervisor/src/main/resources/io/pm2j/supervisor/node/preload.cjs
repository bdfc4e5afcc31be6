'use strict';
// Gives an unmodified app its clients' addresses. Its connections come through the edge as Unix sockets, which
// have no peer address of their own; Node then falls back to `_peername` and `getpeername`, which are filled here:
//  - for HTTP from X-Forwarded-For, which the edge always overwrites, per request, since the edge reuses connections;
//  - for everything else (TLS of the app's own, raw TCP, upgrades' first sight) from the hand-over message.
// It does nothing to connections that did not come through the edge, and nothing outside a cluster worker.
const cluster = require('node:cluster');

if (cluster.isWorker && process.connected) {
  const http = require('node:http');
  const { EventEmitter } = require('node:events');

  const EDGE = Symbol('pm2j.edge');
  const families = new WeakMap();

  const speaksV6 = (server) => {
    let v6 = families.get(server);
    if (v6 === undefined) {
      const address = server.address();
      v6 = address !== null && typeof address === 'object' && address.family === 'IPv6';
      families.set(server, v6);
    }
    return v6;
  };

  // A dual-stack socket reports an IPv4 client as ::ffff:a.b.c.d; so do we.
  const peername = (host, port, v6) => {
    if (host.includes(':')) return { address: host, family: 'IPv6', port };
    return v6 ? { address: `::ffff:${host}`, family: 'IPv6', port } : { address: host, family: 'IPv4', port };
  };

  process.prependListener('internalMessage', (message, handle) => {
    if (message.act !== 'newconn' || !handle || !message.peer) return;
    const [host, port] = message.peer.split(' ');
    handle[EDGE] = true;
    handle.getpeername = (out) => {
      Object.assign(out, peername(host, Number(port), false));
      return 0;
    };
  });

  const adopt = (server, request) => {
    const socket = request.socket;
    if (!socket || !socket._handle || !socket._handle[EDGE]) return;
    const forwarded = request.headers['x-forwarded-for'];
    if (!forwarded) return;
    const host = forwarded.slice(forwarded.lastIndexOf(',') + 1).trim();
    const known = socket._peername;
    if (known && known.forwarded === host) return;
    socket._peername = peername(host, 0, speaksV6(server));
    socket._peername.forwarded = host;
  };

  http.Server.prototype.emit = function (event, request, ...rest) {
    if (request instanceof http.IncomingMessage) adopt(this, request);
    return EventEmitter.prototype.emit.call(this, event, request, ...rest);
  };
}
