// Starts the baseline: one process, or a cluster of them when the settings ask for workers.
// Settings come from the file named by BASELINE_SETTINGS, so that no secret is on a command line.
import cluster from 'node:cluster';
import { readFileSync } from 'node:fs';

import { createApp } from './app.js';
import { createStores } from './stores.js';

const settings = JSON.parse(readFileSync(process.env.BASELINE_SETTINGS, 'utf8'));

if (cluster.isPrimary && settings.workers > 1) {
  for (let i = 0; i < settings.workers; i++) cluster.fork();
  const stop = () => {
    for (const worker of Object.values(cluster.workers)) worker.kill('SIGTERM');
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
} else {
  const stores = createStores(settings);
  await stores.redis.connect();
  const server = createApp(settings, stores).listen(settings.port, '127.0.0.1', 4096);
  server.keepAliveTimeout = 60_000;
  const stop = () => {
    server.close(async () => {
      await stores.pool.end();
      stores.redis.disconnect();
      if (cluster.isWorker) process.disconnect();
    });
    server.closeAllConnections();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}
