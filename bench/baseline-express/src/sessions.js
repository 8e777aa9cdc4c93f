import { randomBytes, randomUUID, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

import jwt from 'jsonwebtoken';

import { Problem } from './problems.js';

const SESSION_SECONDS = 86_400;
const derive = promisify(scrypt);

/** Sign-up and login: a scrypt hash in PostgreSQL, a session in Redis, a token that names it. */
export function sessionRoutes(router, settings, { pool, redis }) {
  router.post('/v1/members', async (request, response) => {
    const { phone, name, password } = request.body;
    const id = randomUUID();
    const salt = randomBytes(16);
    const hash = await derive(password, salt, 32);
    await pool.query('INSERT INTO members (id, phone, name, password_hash, password_salt) VALUES ($1, $2, $3, $4, $5)', [
      id,
      phone,
      name,
      hash,
      salt,
    ]);
    response.status(201).json({ id, phone, name, tier: 'verified' });
  });

  router.post('/v1/sessions', async (request, response) => {
    const { phone, password } = request.body;
    const { rows } = await pool.query('SELECT id, password_hash, password_salt FROM members WHERE phone = $1', [phone]);
    if (rows.length === 0 || !timingSafeEqual(await derive(password, rows[0].password_salt, 32), rows[0].password_hash)) {
      throw new Problem(401, 'unauthenticated');
    }
    const sessionId = randomUUID();
    await redis.set(sessionKey(sessionId), rows[0].id, 'EX', SESSION_SECONDS);
    // HS256: checking it is several times cheaper in Node than ES256, so the comparison gets the faster one.
    const accessToken = jwt.sign({ sid: sessionId }, settings.tokenSecret, {
      algorithm: 'HS256',
      subject: rows[0].id,
      expiresIn: SESSION_SECONDS,
    });
    response.status(201).json({ accessToken, refreshToken: '', expiresIn: SESSION_SECONDS, sessionId });
  });
}

/** Middleware: the token's signature, then its session in Redis, on every call. */
export function requireSession(settings, { redis }) {
  return async (request, _response, next) => {
    const header = request.headers.authorization;
    if (!header?.startsWith('Bearer ')) throw new Problem(401, 'unauthenticated');
    let claims;
    try {
      claims = jwt.verify(header.slice(7), settings.tokenSecret, { algorithms: ['HS256'] });
    } catch {
      throw new Problem(401, 'unauthenticated');
    }
    if ((await redis.get(sessionKey(claims.sid))) !== claims.sub) throw new Problem(401, 'session_revoked');
    request.memberId = claims.sub;
    next();
  };
}

const sessionKey = (id) => `qp:bench-express:session:${id}`;
