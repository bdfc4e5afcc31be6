module.exports = { apps: [
  { name: 'web', script: './app.js', instances: 2, exec_mode: 'cluster', env: { LEVEL: 'base' }, env_staging: { LEVEL: 'stage' } },
  { name: 'job', script: 'app.js', autorestart: false, kill_timeout: 3000, cron_restart: '0 4 * * *', node_args: '--max-old-space-size=200' }
] }
