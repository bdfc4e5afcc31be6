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
      script: 'worker.js',
      exp_backoff_restart_delay: 100,
      max_memory_restart: '200M',
      log_date_format: 'YYYY-MM-DD HH:mm:ss',
      log_rotate: { max_size: '5M', keep: 7 }
    }
  ]
}
