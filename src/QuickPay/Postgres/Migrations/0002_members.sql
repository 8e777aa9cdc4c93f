-- Members: who they are (sealed) and what they prove themselves with (hashed).

CREATE TABLE members (
    id          uuid        PRIMARY KEY,
    -- HMAC-SHA256 of the phone number: finds and keeps unique what is stored sealed only.
    phone_index bytea       NOT NULL CONSTRAINT members_phone_index_key UNIQUE CHECK (octet_length(phone_index) = 32),
    -- The member's own data key, sealed by the key-encryption key. Without it nothing below can be read.
    data_key    bytea       NOT NULL CHECK (octet_length(data_key) = 65),
    phone       bytea       NOT NULL CHECK (octet_length(phone) BETWEEN 30 AND 64),
    name        bytea       NOT NULL CHECK (octet_length(name) BETWEEN 30 AND 1024),
    tier        smallint    NOT NULL CHECK (tier BETWEEN 1 AND 9),
    created_at  timestamptz NOT NULL
);

CREATE TABLE credentials (
    member_id    uuid        NOT NULL REFERENCES members (id),
    -- 1 password, 2 PIN
    kind         smallint    NOT NULL CHECK (kind IN (1, 2)),
    -- Argon2id in PHC form, over the peppered secret.
    hash         text        NOT NULL CHECK (hash LIKE '$argon2id$%'),
    -- Wrong attempts in a row. Counted before an attempt is verified and taken back when it was right.
    failures     integer     NOT NULL DEFAULT 0 CHECK (failures >= 0),
    locked_until timestamptz,
    PRIMARY KEY (member_id, kind)
) WITH (fillfactor = 80);

GRANT SELECT, INSERT ON members TO qp_api;
GRANT SELECT, INSERT, UPDATE (failures, locked_until) ON credentials TO qp_api;
