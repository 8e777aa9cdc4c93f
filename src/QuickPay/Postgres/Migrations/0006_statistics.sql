-- Statistics: sums over transfers that cannot change any more, and who may read them. docs/concepts/statistics.md tells how they come about.
-- Days and months are those of Asia/Seoul. Rows are added by the worker that leads, never by a payment.

-- Hours that are over and whose every transfer is committed. No row: not yet.
CREATE TABLE statistics_hours (
    hour            timestamptz PRIMARY KEY,
    postings        bigint      NOT NULL,   -- rows of the ledger, of any kind
    peak_postings   integer     NOT NULL,   -- in the busiest second
    peak_at         timestamptz,            -- that second; null when nothing happened
    active_members  integer     NOT NULL    -- who sent or received money
);

CREATE TABLE statistics_hour_kinds (
    hour        timestamptz NOT NULL,
    kind        smallint    NOT NULL,       -- as in transfers
    currency    smallint    NOT NULL,
    transfers   bigint      NOT NULL,
    amount      bigint      NOT NULL,       -- minor units; it stops at the largest number
    PRIMARY KEY (hour, kind, currency)
);

-- Of a day that is not over: members' accounts through which money moved. Closing the day takes them away.
CREATE TABLE statistics_hour_accounts (
    hour        timestamptz NOT NULL,
    account_id  uuid        NOT NULL,
    movements   bigint      NOT NULL,       -- money in or out
    transfers   bigint      NOT NULL,       -- those of them with another member
    amount      bigint      NOT NULL,       -- of these transfers
    PRIMARY KEY (hour, account_id)
);

CREATE TABLE statistics_days (
    day             date    PRIMARY KEY,
    active_members  integer NOT NULL        -- each counted once
);

-- The accounts with the largest transfers between members, in and out together.
CREATE TABLE statistics_day_accounts (
    day         date        NOT NULL,
    currency    smallint    NOT NULL,
    place       smallint    NOT NULL,       -- from 1
    account_id  uuid        NOT NULL,
    transfers   bigint      NOT NULL,
    amount      bigint      NOT NULL,
    PRIMARY KEY (day, currency, place)
);

-- Accounts with so many transfers that their months are summed up ahead, and the version up to which they are. A version is committed
-- only after the one before it (both lock the balance), so nothing can come later below one that was seen.
CREATE TABLE statistics_accounts (
    account_id      uuid    PRIMARY KEY,
    through_version bigint  NOT NULL
);

CREATE TABLE statistics_account_months (
    account_id  uuid        NOT NULL,
    month       date        NOT NULL,       -- its first day
    incoming    boolean     NOT NULL,
    kind        smallint    NOT NULL,
    transfers   bigint      NOT NULL,
    amount      bigint      NOT NULL,
    PRIMARY KEY (account_id, month, incoming, kind)
);

CREATE TABLE statistics_account_counterparties (
    account_id      uuid        NOT NULL,
    month           date        NOT NULL,
    incoming        boolean     NOT NULL,
    counterparty    uuid        NOT NULL,   -- another member's account
    transfers       bigint      NOT NULL,
    amount          bigint      NOT NULL,
    PRIMARY KEY (account_id, month, incoming, counterparty)
);
CREATE INDEX statistics_account_counterparties_top
    ON statistics_account_counterparties (account_id, month, incoming, amount DESC, counterparty);

-- Those who look after the house. They are no members, and members are none of them.
CREATE TABLE operators (
    id              uuid        PRIMARY KEY,
    name            text        NOT NULL CONSTRAINT operators_name_key UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9._-]{1,31}$'),
    -- As in credentials, and counted as there.
    hash            text        NOT NULL CHECK (hash LIKE '$argon2id$%'),
    failures        integer     NOT NULL DEFAULT 0 CHECK (failures >= 0),
    locked_until    timestamptz,
    created_at      timestamptz NOT NULL,
    disabled_at     timestamptz
) WITH (fillfactor = 80);

-- The worker sums up; the API reads, by a role that can do nothing else and sees no memo, no name, no number and no balance.
GRANT SELECT, INSERT, DELETE ON statistics_hours, statistics_hour_kinds, statistics_hour_accounts, statistics_days, statistics_day_accounts
    TO qp_worker;
GRANT SELECT, INSERT, UPDATE (through_version) ON statistics_accounts TO qp_worker;
GRANT SELECT, INSERT, UPDATE (transfers, amount) ON statistics_account_months, statistics_account_counterparties TO qp_worker;
GRANT USAGE ON SCHEMA public TO qp_stats;
GRANT SELECT (id, debit_account, credit_account, debit_version, credit_version, amount, kind, currency, created_at) ON transfers TO qp_stats;
GRANT SELECT (id, owner_id, kind, currency, created_at) ON accounts TO qp_stats;
GRANT SELECT ON statistics_hours, statistics_hour_kinds, statistics_days, statistics_day_accounts, statistics_accounts,
    statistics_account_months, statistics_account_counterparties TO qp_stats;
-- Operators are made and disabled by the owner alone (./quickpay operator).
GRANT SELECT, UPDATE (failures, locked_until) ON operators TO qp_api;
