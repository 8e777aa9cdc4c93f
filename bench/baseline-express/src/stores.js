import { readFileSync } from 'node:fs';

import { Redis } from 'ioredis';
import pg from 'pg';

// Amounts and balances fit a double exactly (10^15 < 2^53), so numbers stay numbers.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** The pool of 20 and the Redis connection, both over TLS with the authority's certificate checked. */
export function createStores(settings) {
  const { postgres, redis } = settings;
  const pool = new pg.Pool({
    host: postgres.host,
    port: postgres.port,
    database: postgres.database,
    user: postgres.username,
    password: postgres.password,
    ssl: postgres.ca ? { ca: readFileSync(postgres.ca, 'utf8') } : false,
    max: 20,
    min: 20,
    idleTimeoutMillis: 0,
  });
  pool.on('error', (error) => console.error('idle database connection lost:', error.message));
  return {
    pool,
    redis: new Redis({
      host: redis.host,
      port: redis.port,
      username: redis.username,
      password: redis.password,
      tls: redis.ca ? { ca: readFileSync(redis.ca, 'utf8') } : undefined,
      enableAutoPipelining: true,
      lazyConnect: true,
    }),
  };
}
