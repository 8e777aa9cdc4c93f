-- Exchange rates as a source published them, one row for each of its days: the last good ones outlive every restart and every failure of
-- the source. They are shown and nothing is computed with them here, so they stand as they came: decimal figures in JSON.
CREATE TABLE exchange_rates (
    source      text        NOT NULL CHECK (source ~ '^[a-z]{1,16}$'),
    as_of       date        NOT NULL,               -- the day that the source says
    base        text        NOT NULL CHECK (base ~ '^[A-Z]{3}$'),
    rates       jsonb       NOT NULL CHECK (jsonb_typeof(rates) = 'object'), -- how much of a currency one of the base is: {"USD": 1.0856}
    fetched_at  timestamptz NOT NULL,               -- the last time that the source was seen to say this
    fresh_until timestamptz NOT NULL,               -- without another good look until then they are stale
    PRIMARY KEY (source, as_of)
);

GRANT SELECT ON exchange_rates TO qp_api, qp_worker;
GRANT INSERT, UPDATE (rates, fetched_at, fresh_until) ON exchange_rates TO qp_worker;
