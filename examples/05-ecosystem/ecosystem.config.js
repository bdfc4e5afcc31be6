module.exports = {
  apps: [
    {
      name: 'api',
      script: 'api.js',
      instances: 2,
      exec_mode: 'cluster',
      env: { PORT: process.env.PORT || 3000, GREETING: 'hello' },
      env_production: { GREETING: 'good day' }
    },
    {
      name: 'worker',
      script: 'worker.js'
    }
  ]
}
