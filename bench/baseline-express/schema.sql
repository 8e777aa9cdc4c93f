-- The comparison's own tables, as the case study's stack would have them: one row an account, one a transfer, one a key.
CREATE TABLE members (
    id            uuid PRIMARY KEY,
    phone         text NOT NULL UNIQUE,
    name          text NOT NULL,
    password_hash bytea NOT NULL,
    password_salt bytea NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE accounts (
    id         uuid PRIMARY KEY,
    owner_id   uuid NOT NULL REFERENCES members (id),
    currency   char(3) NOT NULL DEFAULT 'KRW',
    status     smallint NOT NULL DEFAULT 1,
    balance    bigint NOT NULL DEFAULT 0,
    version    bigint NOT NULL DEFAULT 0,
    floor      bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK (balance >= floor)
) WITH (fillfactor = 70);

CREATE TABLE transfers (
    id              uuid PRIMARY KEY,
    from_account_id uuid NOT NULL,
    to_account_id   uuid NOT NULL,
    amount          bigint NOT NULL CHECK (amount > 0),
    currency        char(3) NOT NULL,
    memo            text,
    from_balance    bigint NOT NULL,
    from_version    bigint NOT NULL,
    to_balance      bigint NOT NULL,
    to_version      bigint NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now()
);

-- A member's history in both directions, newest first: the case study asks for it as well.
CREATE INDEX transfers_from ON transfers (from_account_id, created_at);
CREATE INDEX transfers_to ON transfers (to_account_id, created_at);

CREATE TABLE idempotency_keys (
    member_id    uuid NOT NULL,
    key          text NOT NULL,
    request_hash bytea NOT NULL,
    transfer_id  uuid NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (member_id, key)
);
