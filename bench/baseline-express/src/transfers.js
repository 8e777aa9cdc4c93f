import { createHash, randomBytes } from 'node:crypto';

import { Problem } from './problems.js';
import { requireSession } from './sessions.js';

// Named, so that each connection parses and plans them once.
const INSERT_KEY = {
  name: 'insert-key',
  text: 'INSERT INTO idempotency_keys (member_id, key, request_hash, transfer_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
};
const READ_KEY = {
  name: 'read-key',
  text: `SELECT k.request_hash, t.* FROM idempotency_keys k JOIN transfers t ON t.id = k.transfer_id
         WHERE k.member_id = $1 AND k.key = $2`,
};
const LOCK_ACCOUNTS = {
  name: 'lock-accounts',
  // In id order, always: two transfers between the same accounts in opposite directions would deadlock otherwise.
  text: 'SELECT id, owner_id, currency, status, balance, floor FROM accounts WHERE id IN ($1, $2) ORDER BY id FOR UPDATE',
};
const MOVE = {
  name: 'move',
  text: 'UPDATE accounts SET balance = balance + $2, version = version + 1 WHERE id = $1 RETURNING balance, version',
};
const INSERT_TRANSFER = {
  name: 'insert-transfer',
  text: `INSERT INTO transfers (id, from_account_id, to_account_id, amount, currency, memo, from_balance, from_version, to_balance, to_version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING created_at`,
};

export function transferRoutes(router, settings, stores) {
  router.post('/v1/transfers', requireSession(settings, stores), async (request, response) => {
    const key = request.headers['idempotency-key'];
    if (!key) throw new Problem(400, 'idempotency_key_missing');
    const order = readOrder(request.body);
    const client = await stores.pool.connect();
    let failure;
    try {
      const { transfer, replayed } = await postTransfer(client, request.memberId, key, order);
      if (replayed) response.set('Idempotency-Replayed', 'true');
      response.status(201).json(transfer);
    } catch (error) {
      // A refusal rolls back on a healthy connection; after anything else the connection is not trusted again.
      if (error instanceof Problem) await client.query('ROLLBACK');
      else failure = error;
      throw error;
    } finally {
      client.release(failure);
    }
  });
}

/** One transfer, one transaction. */
async function postTransfer(client, memberId, key, order) {
  const id = uuidv7();
  const hash = createHash('sha256').update(`${order.from}|${order.to}|${order.amount}|${order.currency}|${order.memo ?? ''}`).digest();
  await client.query('BEGIN');

  const inserted = await client.query({ ...INSERT_KEY, values: [memberId, key, hash, id] });
  if (inserted.rowCount === 0) {
    const { rows } = await client.query({ ...READ_KEY, values: [memberId, key] });
    await client.query('COMMIT');
    if (rows.length === 0) throw new Problem(409, 'idempotency_in_progress');
    if (!rows[0].request_hash.equals(hash)) throw new Problem(422, 'idempotency_key_reused');
    return { transfer: view(rows[0]), replayed: true };
  }

  const { rows: accounts } = await client.query({ ...LOCK_ACCOUNTS, values: [order.from, order.to] });
  const from = accounts.find((account) => account.id === order.from);
  const to = accounts.find((account) => account.id === order.to);
  if (!from || from.owner_id !== memberId) throw new Problem(404, 'account_not_found');
  if (!to) throw new Problem(422, 'recipient_not_found');
  if (from.status !== 1 || to.status !== 1) throw new Problem(422, 'account_closed');
  if (from.currency !== order.currency || to.currency !== order.currency) throw new Problem(422, 'currency_mismatch');
  if (from.balance - order.amount < from.floor) throw new Problem(422, 'insufficient_funds');

  const sent = (await client.query({ ...MOVE, values: [order.from, -order.amount] })).rows[0];
  const received = (await client.query({ ...MOVE, values: [order.to, order.amount] })).rows[0];
  const posted = await client.query({
    ...INSERT_TRANSFER,
    values: [
      id,
      order.from,
      order.to,
      order.amount,
      order.currency,
      order.memo,
      sent.balance,
      sent.version,
      received.balance,
      received.version,
    ],
  });
  await client.query('COMMIT');
  return {
    transfer: view({
      id,
      from_account_id: order.from,
      to_account_id: order.to,
      amount: order.amount,
      currency: order.currency,
      memo: order.memo,
      created_at: posted.rows[0].created_at,
      from_balance: sent.balance,
      from_version: sent.version,
    }),
    replayed: false,
  };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function readOrder(body) {
  const { fromAccountId: from, to: { accountId: to } = {}, amount, currency, memo = null } = body ?? {};
  if (!UUID.test(from) || !UUID.test(to) || !Number.isSafeInteger(amount) || amount <= 0 || typeof currency !== 'string') {
    throw new Problem(400, 'invalid_request');
  }
  if (from === to) throw new Problem(422, 'same_account');
  return { from, to, amount, currency, memo };
}

const view = (row) => ({
  id: row.id,
  status: 'posted',
  kind: 'transfer',
  fromAccountId: row.from_account_id,
  toAccountId: row.to_account_id,
  amount: row.amount,
  currency: row.currency,
  memo: row.memo,
  createdAt: row.created_at,
  balanceAfter: { balance: row.from_balance, available: row.from_balance, held: 0, version: row.from_version },
});

/** Time-ordered, so that the primary key's index grows at its right edge. */
function uuidv7() {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
