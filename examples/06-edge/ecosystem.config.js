// Two apps and a folder behind one address, by host and path.
const edge = `127.0.0.1:${process.env.EDGE_PORT || 8080}`;

module.exports = {
  apps: [
    { name: 'shop', script: 'shop.js', instances: 2, env: { PORT: process.env.PORT || 3000 } },
    { name: 'api', script: 'api.py', interpreter: 'python3', instances: 2 },
  ],
  edge: {
    listeners: [edge],
    access_log: { file: process.env.ACCESS_LOG || 'access.log', format: 'json' },
    routes: [
      { host: 'shop.example.com', app: 'shop', sticky: true },
      { path: '/api', app: 'api', strip_prefix: true, rate_limit: '5/m', health: '/' },
      { path: '/old', redirect: { to: '/api/new', status: 308 } },
      { path: '/', static: './site' },
    ],
  },
};
