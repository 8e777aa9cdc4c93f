-- The ledger: accounts, hot balances, immutable transfers by month, open holds, idempotency keys and batch records.
-- docs/concepts/posting.md tells the protocol that these tables serve.

-- Who an account belongs to and what it is. Nothing here changes when money moves.
CREATE TABLE accounts (
    id          uuid        PRIMARY KEY,
    number      text        NOT NULL UNIQUE CHECK (number ~ '^[0-9]{10,16}$'),
    owner_id    uuid        NOT NULL,                       -- a member; the nil uuid for the house
    kind        smallint    NOT NULL CHECK (kind IN (1, 2)), -- 1 wallet, 2 house
    currency    smallint    NOT NULL,                       -- ISO 4217 numeric code (410 = KRW)
    created_at  timestamptz NOT NULL
);
CREATE INDEX accounts_owner ON accounts (owner_id, created_at);
CREATE SEQUENCE account_numbers START 1000000000;

-- Everything a decision reads, in one narrow row that is locked while it decides: a joined row would be an old snapshot.
-- The primary key is the only index and a third of each page stays free, so that every update is heap-only (HOT).
CREATE TABLE balances (
    account_id  uuid     PRIMARY KEY,
    owner_id    uuid     NOT NULL,
    balance     bigint   NOT NULL,
    held        bigint   NOT NULL CHECK (held >= 0),
    version     bigint   NOT NULL CHECK (version >= 0),
    floor       bigint   NOT NULL,      -- how far available may fall: 0 for wallets, far below for house accounts
    day_sent    bigint   NOT NULL,      -- sent on `day`, against the daily limit
    day         date     NOT NULL,      -- an Asia/Seoul day
    tier        smallint NOT NULL,      -- 1 unverified, 2 verified, 3 house, 9 load
    status      smallint NOT NULL,      -- 1 active, 2 frozen, 3 closed
    currency    smallint NOT NULL,
    CONSTRAINT balances_available CHECK (balance - held >= floor)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

-- A transfer is the double entry. Rows never change. A hold, its capture, cancel and expiry are rows of their own, linked.
-- id is a UUIDv7 and the partition key: one month a partition, and id is unique over all of them.
-- (account, version) orders an account's history; a version of 0 means that this side was not touched.
CREATE TABLE transfers (
    id              uuid        NOT NULL,
    debit_account   uuid        NOT NULL,
    credit_account  uuid        NOT NULL,
    link            uuid,                   -- the hold that this row closes, or the first of the legs posted together
    amount          bigint      NOT NULL CHECK (amount > 0),
    debit_balance   bigint      NOT NULL,
    debit_held      bigint      NOT NULL,
    debit_version   bigint      NOT NULL,
    credit_balance  bigint      NOT NULL,
    credit_held     bigint      NOT NULL,
    credit_version  bigint      NOT NULL,
    batch_id        bigint      NOT NULL,
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz,            -- holds only
    kind            smallint    NOT NULL,   -- 1 transfer, 2 deposit, 3 withdrawal, 4 fee, 5 hold, 6 capture, 7 cancel, 8 expire
    currency        smallint    NOT NULL,
    memo            text,
    PRIMARY KEY (id),
    CHECK (debit_account <> credit_account)
) PARTITION BY RANGE (id);
-- Each month also has unique indexes on (debit_account, debit_version) and (credit_account, credit_version), made with it
-- below: they serve histories and guard the version chains, and uniqueness over all months would have to include the id.
CREATE INDEX transfers_link   ON transfers (link) WHERE link IS NOT NULL;
CREATE INDEX transfers_time   ON transfers USING brin (created_at);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: its rows never change', TG_OP, TG_TABLE_NAME USING ERRCODE = 'QP001';
END $$;
CREATE TRIGGER transfers_are_immutable BEFORE UPDATE OR DELETE ON transfers FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Holds that are still open; a closed one is deleted in the commit that posts its closing row.
CREATE TABLE holds (
    transfer_id     uuid        PRIMARY KEY,
    debit_account   uuid        NOT NULL,
    credit_account  uuid        NOT NULL,
    amount          bigint      NOT NULL CHECK (amount > 0),
    day             date        NOT NULL,   -- the day whose limit it used
    expires_at      timestamptz NOT NULL
);
CREATE INDEX holds_expiry ON holds (expires_at);
CREATE INDEX holds_debit ON holds (debit_account);

-- One row a request that was decided; uniqueness depends on neither a clock nor a partition.
-- key_digest is 128 bits of SHA-256 over (member, operation, key). outcome_id names a row of transfers or of refusals.
-- Time-ordered outcome ids let the BRIN find old rows for expiry at almost no cost to an insert. (0003 drops it again.)
CREATE TABLE idempotency_keys (
    key_digest      uuid PRIMARY KEY,
    request_digest  uuid NOT NULL,
    outcome_id      uuid NOT NULL
) WITH (fillfactor = 100);
CREATE INDEX idempotency_keys_age ON idempotency_keys USING brin (outcome_id);

CREATE TABLE refusals (
    id          uuid        PRIMARY KEY,
    code        smallint    NOT NULL,       -- TransferRefusal
    limit_kind  smallint    NOT NULL,       -- which limit, 0 if none
    remaining   bigint      NOT NULL,       -- what is left of it
    created_at  timestamptz NOT NULL
);

-- One row a posting batch; digest is SHA-256 over its transfers in canonical form, in id order. Seals stand on it.
CREATE TABLE ledger_batches (
    id          bigint  PRIMARY KEY,
    xid         xid8    NOT NULL,
    transfers   integer NOT NULL,
    digest      bytea   NOT NULL,
    created_at  timestamptz NOT NULL
);
CREATE SEQUENCE ledger_batch_ids;
CREATE TRIGGER ledger_batches_are_immutable BEFORE UPDATE OR DELETE ON ledger_batches FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What the worker found when it recomputed balances from transfers. Discrepancies: none, ever.
CREATE TABLE reconciliations (
    id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started_at      timestamptz NOT NULL,
    finished_at     timestamptz NOT NULL,
    accounts        bigint      NOT NULL,
    discrepancies   text[]      NOT NULL
);

-- Raised inside a batch's last round trip, before its COMMIT: a balance that was not where the lock had found it stops the batch.
CREATE FUNCTION assert_rows(changed bigint, expected bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF changed <> expected THEN
        RAISE EXCEPTION 'expected to change % rows, changed %', expected, changed USING ERRCODE = 'QP002';
    END IF;
END $$;

-- The smallest UUIDv7 of an instant: month boundaries, and time ranges over ids.
CREATE FUNCTION uuid_v7_floor(at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid;

-- Makes the months that are missing, from last month to `ahead` months from now. ATTACH takes a weak lock where
-- CREATE … PARTITION OF would stop every transfer; the CHECK spares it the scan.
CREATE FUNCTION make_transfer_months(ahead integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp SET lock_timeout = '1s' AS $$
DECLARE
    first_month timestamp := date_trunc('month', now() AT TIME ZONE 'UTC');
    month_start timestamptz;
    month_end   timestamptz;
    part        text;
    made        integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(7205759403792801);
    FOR n IN -1..ahead LOOP
        month_start := (first_month + make_interval(months => n)) AT TIME ZONE 'UTC';
        month_end   := (first_month + make_interval(months => n + 1)) AT TIME ZONE 'UTC';
        part := 'transfers_' || to_char(first_month + make_interval(months => n), 'YYYY_MM');
        CONTINUE WHEN to_regclass(part) IS NOT NULL;
        EXECUTE format('CREATE TABLE %I (LIKE transfers INCLUDING ALL, CONSTRAINT month CHECK (id >= %L AND id < %L))',
                       part, uuid_v7_floor(month_start), uuid_v7_floor(month_end));
        EXECUTE format('CREATE UNIQUE INDEX %I ON %I (debit_account, debit_version)', part || '_debit', part);
        EXECUTE format('CREATE UNIQUE INDEX %I ON %I (credit_account, credit_version) WHERE credit_version > 0', part || '_credit', part);
        EXECUTE format('ALTER TABLE transfers ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                       part, uuid_v7_floor(month_start), uuid_v7_floor(month_end));
        EXECUTE format('ALTER TABLE %I DROP CONSTRAINT month', part);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;

-- How many whole months after this one are ready; below 1 nothing may be served, below 3 it alarms.
CREATE FUNCTION transfer_months_ahead() RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT count(*)::integer FROM generate_series(1, 24) n
    WHERE to_regclass('transfers_' || to_char(date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => n), 'YYYY_MM')) IS NOT NULL
$$;

-- House accounts: money enters and leaves only here. 16 shards of each, so that no row is in every batch.
-- Ids are readable on purpose: 00000000-0000-8000-8CCC-00000000PPSS (CCC currency, PP purpose, SS shard).
INSERT INTO accounts (id, number, owner_id, kind, currency, created_at)
SELECT format('00000000-0000-8000-8%s-00000000%s%s', currency, lpad(purpose::text, 2, '0'), lpad(shard::text, 2, '0'))::uuid,
       format('0%s%s%s0000', currency, lpad(purpose::text, 2, '0'), lpad(shard::text, 2, '0')),
       '00000000-0000-0000-0000-000000000000', 2, currency, now()
FROM unnest(ARRAY[410, 840]) AS currency, generate_series(1, 4) AS purpose, generate_series(0, 15) AS shard;

INSERT INTO balances (account_id, owner_id, balance, held, version, floor, day_sent, day, tier, status, currency)
SELECT id, owner_id, 0, 0, 0, -4000000000000000000, 0, '2000-01-01', 3, 1, currency FROM accounts WHERE kind = 2;

SELECT make_transfer_months(12);

-- Each role what its process does, and no more: nobody but the owner changes or deletes a transfer, sets a floor or a tier.
-- SELECT … FOR UPDATE asks for the right to update some column.
GRANT USAGE ON SCHEMA public TO qp_api, qp_worker;
GRANT SELECT ON accounts, balances, transfers, holds, idempotency_keys, refusals, ledger_batches TO qp_api, qp_worker;
GRANT INSERT ON transfers, holds, idempotency_keys, refusals, ledger_batches TO qp_api, qp_worker;
GRANT UPDATE (balance, held, version, day, day_sent) ON balances TO qp_api, qp_worker;
GRANT UPDATE (expires_at), DELETE ON holds TO qp_api, qp_worker;
GRANT USAGE ON SEQUENCE ledger_batch_ids TO qp_api, qp_worker;
GRANT INSERT ON accounts, balances TO qp_api;
GRANT USAGE ON SEQUENCE account_numbers TO qp_api;
GRANT DELETE ON idempotency_keys, refusals TO qp_worker;
GRANT SELECT, INSERT ON reconciliations TO qp_worker;
REVOKE ALL ON FUNCTION make_transfer_months(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION make_transfer_months(integer) TO qp_worker;
