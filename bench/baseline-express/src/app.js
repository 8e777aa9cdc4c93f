import express from 'express';

import { problems } from './problems.js';
import { sessionRoutes } from './sessions.js';
import { transferRoutes } from './transfers.js';

export function createApp(settings, stores) {
  const app = express();
  // Both cost time on every answer and give an API client nothing.
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(express.json({ limit: '16kb' }));
  app.get('/health/ready', async (_request, response) => {
    await stores.pool.query('SELECT 1');
    response.json({ status: 'ready' });
  });
  sessionRoutes(app, settings, stores);
  transferRoutes(app, settings, stores);
  app.use(problems);
  return app;
}
