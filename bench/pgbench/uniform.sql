-- One transfer, one transaction, between accounts drawn evenly. The statements are those of the ledger, for one request instead of a
-- batch; the batch record is left out, which a batch of one could do without.
\set sender random(0, :accounts - 1)
\set other random(1, :accounts - 1)
\set recipient (:sender + :other) % :accounts
\set amount random(1, 1000)
BEGIN;
INSERT INTO idempotency_keys (key_digest, request_digest, outcome_id)
VALUES (gen_random_uuid(), gen_random_uuid(),
        overlay(overlay(gen_random_uuid()::text PLACING '7' FROM 15)
                PLACING overlay(lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') PLACING '-' FROM 9 FOR 0) FROM 1 FOR 13)::uuid)
ON CONFLICT (key_digest) DO NOTHING RETURNING outcome_id \gset key_
SELECT account_id, owner_id, balance, held, version, floor, day_sent, day, tier, status, currency FROM balances
WHERE account_id IN ((lpad(to_hex(:first::bigint + :sender::bigint), 12, '0') || :marker)::uuid, (lpad(to_hex(:first::bigint + :recipient::bigint), 12, '0') || :marker)::uuid)
ORDER BY account_id FOR UPDATE;
UPDATE balances SET balance = balance - :amount, version = version + 1, day = current_date, day_sent = day_sent + :amount
WHERE account_id = (lpad(to_hex(:first::bigint + :sender::bigint), 12, '0') || :marker)::uuid
RETURNING account_id, balance, held, version \gset debit_
UPDATE balances SET balance = balance + :amount, version = version + 1
WHERE account_id = (lpad(to_hex(:first::bigint + :recipient::bigint), 12, '0') || :marker)::uuid
RETURNING account_id, balance, held, version \gset credit_
INSERT INTO transfers (id, debit_account, credit_account, amount, debit_balance, debit_held, debit_version,
                       credit_balance, credit_held, credit_version, batch_id, created_at, kind, currency)
VALUES (:key_outcome_id, :debit_account_id, :credit_account_id, :amount, :debit_balance, :debit_held, :debit_version,
        :credit_balance, :credit_held, :credit_version, 0, clock_timestamp(), 1, 410);
COMMIT;
