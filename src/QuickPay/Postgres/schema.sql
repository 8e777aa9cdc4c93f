--
-- PostgreSQL database dump
--



SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: assert_rows(bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.assert_rows(changed bigint, expected bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF changed <> expected THEN
        RAISE EXCEPTION 'expected to change % rows, changed %', expected, changed USING ERRCODE = 'QP002';
    END IF;
END $$;


--
-- Name: make_transfer_months(integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.make_transfer_months(ahead integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET lock_timeout TO '1s'
    AS $$
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


--
-- Name: refuse_change(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: its rows never change', TG_OP, TG_TABLE_NAME USING ERRCODE = 'QP001';
END $$;


--
-- Name: transfer_months_ahead(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.transfer_months_ahead() RETURNS integer
    LANGUAGE sql STABLE
    AS $$
    SELECT count(*)::integer FROM generate_series(1, 24) n
    WHERE to_regclass('transfers_' || to_char(date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => n), 'YYYY_MM')) IS NOT NULL
$$;


--
-- Name: uuid_v7_floor(timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.uuid_v7_floor(at timestamp with time zone) RETURNS uuid
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ((lpad(to_hex(((EXTRACT(epoch FROM at) * (1000)::numeric))::bigint), 12, '0'::text) || repeat('0'::text, 20)))::uuid;


--
-- Name: account_numbers; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.account_numbers
    START WITH 1000000000
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: accounts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.accounts (
    id uuid NOT NULL,
    number text NOT NULL,
    owner_id uuid NOT NULL,
    kind smallint NOT NULL,
    currency smallint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT accounts_kind_check CHECK ((kind = ANY (ARRAY[1, 2]))),
    CONSTRAINT accounts_number_check CHECK ((number ~ '^[0-9]{10,16}$'::text))
);


--
-- Name: balances; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.balances (
    account_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    balance bigint NOT NULL,
    held bigint NOT NULL,
    version bigint NOT NULL,
    floor bigint NOT NULL,
    day_sent bigint NOT NULL,
    day date NOT NULL,
    tier smallint NOT NULL,
    status smallint NOT NULL,
    currency smallint NOT NULL,
    CONSTRAINT balances_available CHECK (((balance - held) >= floor)),
    CONSTRAINT balances_held_check CHECK ((held >= 0)),
    CONSTRAINT balances_version_check CHECK ((version >= 0))
)
WITH (fillfactor='70', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_cost_delay='0');


--
-- Name: credentials; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.credentials (
    member_id uuid NOT NULL,
    kind smallint NOT NULL,
    hash text NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    locked_until timestamp with time zone,
    CONSTRAINT credentials_failures_check CHECK ((failures >= 0)),
    CONSTRAINT credentials_hash_check CHECK ((hash ~~ '$argon2id$%'::text)),
    CONSTRAINT credentials_kind_check CHECK ((kind = ANY (ARRAY[1, 2])))
)
WITH (fillfactor='80');


--
-- Name: exchange_rates; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.exchange_rates (
    source text NOT NULL,
    as_of date NOT NULL,
    base text NOT NULL,
    rates jsonb NOT NULL,
    fetched_at timestamp with time zone NOT NULL,
    fresh_until timestamp with time zone NOT NULL,
    CONSTRAINT exchange_rates_base_check CHECK ((base ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT exchange_rates_rates_check CHECK ((jsonb_typeof(rates) = 'object'::text)),
    CONSTRAINT exchange_rates_source_check CHECK ((source ~ '^[a-z]{1,16}$'::text))
);


--
-- Name: holds; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.holds (
    transfer_id uuid NOT NULL,
    debit_account uuid NOT NULL,
    credit_account uuid NOT NULL,
    amount bigint NOT NULL,
    day date NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT holds_amount_check CHECK ((amount > 0))
);


--
-- Name: idempotency_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.idempotency_keys (
    key_digest uuid NOT NULL,
    request_digest uuid NOT NULL,
    outcome_id uuid NOT NULL
)
WITH (fillfactor='100');


--
-- Name: ledger_batch_ids; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.ledger_batch_ids
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: ledger_batches; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.ledger_batches (
    id bigint NOT NULL,
    xid xid8 NOT NULL,
    transfers integer NOT NULL,
    digest bytea NOT NULL,
    created_at timestamp with time zone NOT NULL
);


--
-- Name: members; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.members (
    id uuid NOT NULL,
    phone_index bytea NOT NULL,
    data_key bytea NOT NULL,
    phone bytea NOT NULL,
    name bytea NOT NULL,
    tier smallint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT members_data_key_check CHECK ((octet_length(data_key) = 65)),
    CONSTRAINT members_name_check CHECK (((octet_length(name) >= 30) AND (octet_length(name) <= 1024))),
    CONSTRAINT members_phone_check CHECK (((octet_length(phone) >= 30) AND (octet_length(phone) <= 64))),
    CONSTRAINT members_phone_index_check CHECK ((octet_length(phone_index) = 32)),
    CONSTRAINT members_tier_check CHECK (((tier >= 1) AND (tier <= 9)))
);


--
-- Name: operators; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.operators (
    id uuid NOT NULL,
    name text NOT NULL,
    hash text NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    locked_until timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    disabled_at timestamp with time zone,
    CONSTRAINT operators_failures_check CHECK ((failures >= 0)),
    CONSTRAINT operators_hash_check CHECK ((hash ~~ '$argon2id$%'::text)),
    CONSTRAINT operators_name_check CHECK ((name ~ '^[a-z0-9][a-z0-9._-]{1,31}$'::text))
)
WITH (fillfactor='80');


--
-- Name: reconciliations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.reconciliations (
    id bigint NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone NOT NULL,
    accounts bigint NOT NULL,
    discrepancies text[] NOT NULL
);


--
-- Name: reconciliations_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.reconciliations ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.reconciliations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: refusals; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.refusals (
    id uuid NOT NULL,
    code smallint NOT NULL,
    limit_kind smallint NOT NULL,
    remaining bigint NOT NULL,
    created_at timestamp with time zone NOT NULL
);


--
-- Name: schema_versions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.schema_versions (
    schemaversionsid integer NOT NULL,
    scriptname character varying(255) NOT NULL,
    applied timestamp without time zone NOT NULL
);


--
-- Name: schema_versions_schemaversionsid_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.schema_versions_schemaversionsid_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: schema_versions_schemaversionsid_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.schema_versions_schemaversionsid_seq OWNED BY public.schema_versions.schemaversionsid;


--
-- Name: statistics_account_counterparties; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.statistics_account_counterparties (
    account_id uuid NOT NULL,
    month date NOT NULL,
    incoming boolean NOT NULL,
    counterparty uuid NOT NULL,
    transfers bigint NOT NULL,
    amount bigint NOT NULL
);


--
-- Name: statistics_account_months; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.statistics_account_months (
    account_id uuid NOT NULL,
    month date NOT NULL,
    incoming boolean NOT NULL,
    kind smallint NOT NULL,
    transfers bigint NOT NULL,
    amount bigint NOT NULL
);


--
-- Name: statistics_accounts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.statistics_accounts (
    account_id uuid NOT NULL,
    through_version bigint NOT NULL
);


--
-- Name: statistics_day_accounts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.statistics_day_accounts (
    day date NOT NULL,
    currency smallint NOT NULL,
    place smallint NOT NULL,
    account_id uuid NOT NULL,
    transfers bigint NOT NULL,
    amount bigint NOT NULL
);


--
-- Name: statistics_days; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.statistics_days (
    day date NOT NULL,
    active_members integer NOT NULL
);


--
-- Name: statistics_hour_accounts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.statistics_hour_accounts (
    hour timestamp with time zone NOT NULL,
    account_id uuid NOT NULL,
    movements bigint NOT NULL,
    transfers bigint NOT NULL,
    amount bigint NOT NULL
);


--
-- Name: statistics_hour_kinds; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.statistics_hour_kinds (
    hour timestamp with time zone NOT NULL,
    kind smallint NOT NULL,
    currency smallint NOT NULL,
    transfers bigint NOT NULL,
    amount bigint NOT NULL
);


--
-- Name: statistics_hours; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.statistics_hours (
    hour timestamp with time zone NOT NULL,
    postings bigint NOT NULL,
    peak_postings integer NOT NULL,
    peak_at timestamp with time zone,
    active_members integer NOT NULL
);


--
-- Name: transfers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.transfers (
    id uuid NOT NULL,
    debit_account uuid NOT NULL,
    credit_account uuid NOT NULL,
    link uuid,
    amount bigint NOT NULL,
    debit_balance bigint NOT NULL,
    debit_held bigint NOT NULL,
    debit_version bigint NOT NULL,
    credit_balance bigint NOT NULL,
    credit_held bigint NOT NULL,
    credit_version bigint NOT NULL,
    batch_id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    kind smallint NOT NULL,
    currency smallint NOT NULL,
    memo text,
    CONSTRAINT transfers_amount_check CHECK ((amount > 0)),
    CONSTRAINT transfers_check CHECK ((debit_account <> credit_account))
)
PARTITION BY RANGE (id);


--
-- Name: schema_versions schemaversionsid; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.schema_versions ALTER COLUMN schemaversionsid SET DEFAULT nextval('public.schema_versions_schemaversionsid_seq'::regclass);


--
-- Name: schema_versions PK_schema_versions_Id; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.schema_versions
    ADD CONSTRAINT "PK_schema_versions_Id" PRIMARY KEY (schemaversionsid);


--
-- Name: accounts accounts_number_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_number_key UNIQUE (number);


--
-- Name: accounts accounts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (id);


--
-- Name: balances balances_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.balances
    ADD CONSTRAINT balances_pkey PRIMARY KEY (account_id);


--
-- Name: credentials credentials_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.credentials
    ADD CONSTRAINT credentials_pkey PRIMARY KEY (member_id, kind);


--
-- Name: exchange_rates exchange_rates_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.exchange_rates
    ADD CONSTRAINT exchange_rates_pkey PRIMARY KEY (source, as_of);


--
-- Name: holds holds_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.holds
    ADD CONSTRAINT holds_pkey PRIMARY KEY (transfer_id);


--
-- Name: idempotency_keys idempotency_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (key_digest);


--
-- Name: ledger_batches ledger_batches_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.ledger_batches
    ADD CONSTRAINT ledger_batches_pkey PRIMARY KEY (id);


--
-- Name: members members_phone_index_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.members
    ADD CONSTRAINT members_phone_index_key UNIQUE (phone_index);


--
-- Name: members members_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.members
    ADD CONSTRAINT members_pkey PRIMARY KEY (id);


--
-- Name: operators operators_name_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.operators
    ADD CONSTRAINT operators_name_key UNIQUE (name);


--
-- Name: operators operators_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.operators
    ADD CONSTRAINT operators_pkey PRIMARY KEY (id);


--
-- Name: reconciliations reconciliations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reconciliations
    ADD CONSTRAINT reconciliations_pkey PRIMARY KEY (id);


--
-- Name: refusals refusals_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.refusals
    ADD CONSTRAINT refusals_pkey PRIMARY KEY (id);


--
-- Name: statistics_account_counterparties statistics_account_counterparties_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.statistics_account_counterparties
    ADD CONSTRAINT statistics_account_counterparties_pkey PRIMARY KEY (account_id, month, incoming, counterparty);


--
-- Name: statistics_account_months statistics_account_months_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.statistics_account_months
    ADD CONSTRAINT statistics_account_months_pkey PRIMARY KEY (account_id, month, incoming, kind);


--
-- Name: statistics_accounts statistics_accounts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.statistics_accounts
    ADD CONSTRAINT statistics_accounts_pkey PRIMARY KEY (account_id);


--
-- Name: statistics_day_accounts statistics_day_accounts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.statistics_day_accounts
    ADD CONSTRAINT statistics_day_accounts_pkey PRIMARY KEY (day, currency, place);


--
-- Name: statistics_days statistics_days_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.statistics_days
    ADD CONSTRAINT statistics_days_pkey PRIMARY KEY (day);


--
-- Name: statistics_hour_accounts statistics_hour_accounts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.statistics_hour_accounts
    ADD CONSTRAINT statistics_hour_accounts_pkey PRIMARY KEY (hour, account_id);


--
-- Name: statistics_hour_kinds statistics_hour_kinds_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.statistics_hour_kinds
    ADD CONSTRAINT statistics_hour_kinds_pkey PRIMARY KEY (hour, kind, currency);


--
-- Name: statistics_hours statistics_hours_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.statistics_hours
    ADD CONSTRAINT statistics_hours_pkey PRIMARY KEY (hour);


--
-- Name: transfers transfers_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.transfers
    ADD CONSTRAINT transfers_pkey PRIMARY KEY (id);


--
-- Name: accounts_owner; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX accounts_owner ON public.accounts USING btree (owner_id, created_at);


--
-- Name: holds_debit; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX holds_debit ON public.holds USING btree (debit_account);


--
-- Name: holds_expiry; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX holds_expiry ON public.holds USING btree (expires_at);


--
-- Name: ledger_batches_xid; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ledger_batches_xid ON public.ledger_batches USING btree (xid);


--
-- Name: statistics_account_counterparties_top; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX statistics_account_counterparties_top ON public.statistics_account_counterparties USING btree (account_id, month, incoming, amount DESC, counterparty);


--
-- Name: transfers_link; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX transfers_link ON ONLY public.transfers USING btree (link) WHERE (link IS NOT NULL);


--
-- Name: transfers_time; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX transfers_time ON ONLY public.transfers USING brin (created_at);


--
-- Name: ledger_batches ledger_batches_are_immutable; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER ledger_batches_are_immutable BEFORE DELETE OR UPDATE ON public.ledger_batches FOR EACH ROW EXECUTE FUNCTION public.refuse_change();


--
-- Name: transfers transfers_are_immutable; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER transfers_are_immutable BEFORE DELETE OR UPDATE ON public.transfers FOR EACH ROW EXECUTE FUNCTION public.refuse_change();


--
-- Name: credentials credentials_member_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.credentials
    ADD CONSTRAINT credentials_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.members(id);


--
-- Name: SCHEMA public; Type: ACL; Schema: -; Owner: -
--

GRANT USAGE ON SCHEMA public TO qp_api;
GRANT USAGE ON SCHEMA public TO qp_worker;
GRANT USAGE ON SCHEMA public TO qp_stats;


--
-- Name: FUNCTION make_transfer_months(ahead integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.make_transfer_months(ahead integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.make_transfer_months(ahead integer) TO qp_worker;


--
-- Name: SEQUENCE account_numbers; Type: ACL; Schema: public; Owner: -
--

GRANT USAGE ON SEQUENCE public.account_numbers TO qp_api;


--
-- Name: TABLE accounts; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.accounts TO qp_api;
GRANT SELECT ON TABLE public.accounts TO qp_worker;


--
-- Name: COLUMN accounts.id; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT(id) ON TABLE public.accounts TO qp_stats;


--
-- Name: COLUMN accounts.owner_id; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT(owner_id) ON TABLE public.accounts TO qp_stats;


--
-- Name: COLUMN accounts.kind; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT(kind) ON TABLE public.accounts TO qp_stats;


--
-- Name: COLUMN accounts.currency; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT(currency) ON TABLE public.accounts TO qp_stats;


--
-- Name: COLUMN accounts.created_at; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT(created_at) ON TABLE public.accounts TO qp_stats;


--
-- Name: TABLE balances; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.balances TO qp_api;
GRANT SELECT ON TABLE public.balances TO qp_worker;


--
-- Name: COLUMN balances.balance; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(balance) ON TABLE public.balances TO qp_api;
GRANT UPDATE(balance) ON TABLE public.balances TO qp_worker;


--
-- Name: COLUMN balances.held; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(held) ON TABLE public.balances TO qp_api;
GRANT UPDATE(held) ON TABLE public.balances TO qp_worker;


--
-- Name: COLUMN balances.version; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(version) ON TABLE public.balances TO qp_api;
GRANT UPDATE(version) ON TABLE public.balances TO qp_worker;


--
-- Name: COLUMN balances.day_sent; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(day_sent) ON TABLE public.balances TO qp_api;
GRANT UPDATE(day_sent) ON TABLE public.balances TO qp_worker;


--
-- Name: COLUMN balances.day; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(day) ON TABLE public.balances TO qp_api;
GRANT UPDATE(day) ON TABLE public.balances TO qp_worker;


--
-- Name: TABLE credentials; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.credentials TO qp_api;


--
-- Name: COLUMN credentials.failures; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(failures) ON TABLE public.credentials TO qp_api;


--
-- Name: COLUMN credentials.locked_until; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(locked_until) ON TABLE public.credentials TO qp_api;


--
-- Name: TABLE exchange_rates; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.exchange_rates TO qp_api;
GRANT SELECT,INSERT ON TABLE public.exchange_rates TO qp_worker;


--
-- Name: COLUMN exchange_rates.rates; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(rates) ON TABLE public.exchange_rates TO qp_worker;


--
-- Name: COLUMN exchange_rates.fetched_at; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(fetched_at) ON TABLE public.exchange_rates TO qp_worker;


--
-- Name: COLUMN exchange_rates.fresh_until; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(fresh_until) ON TABLE public.exchange_rates TO qp_worker;


--
-- Name: TABLE holds; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE ON TABLE public.holds TO qp_api;
GRANT SELECT,INSERT,DELETE ON TABLE public.holds TO qp_worker;


--
-- Name: COLUMN holds.expires_at; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(expires_at) ON TABLE public.holds TO qp_api;
GRANT UPDATE(expires_at) ON TABLE public.holds TO qp_worker;


--
-- Name: TABLE idempotency_keys; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.idempotency_keys TO qp_api;
GRANT SELECT,INSERT,DELETE ON TABLE public.idempotency_keys TO qp_worker;


--
-- Name: SEQUENCE ledger_batch_ids; Type: ACL; Schema: public; Owner: -
--

GRANT USAGE ON SEQUENCE public.ledger_batch_ids TO qp_api;
GRANT USAGE ON SEQUENCE public.ledger_batch_ids TO qp_worker;


--
-- Name: TABLE ledger_batches; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.ledger_batches TO qp_api;
GRANT SELECT,INSERT ON TABLE public.ledger_batches TO qp_worker;


--
-- Name: TABLE members; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.members TO qp_api;


--
-- Name: TABLE operators; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.operators TO qp_api;


--
-- Name: COLUMN operators.failures; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(failures) ON TABLE public.operators TO qp_api;


--
-- Name: COLUMN operators.locked_until; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(locked_until) ON TABLE public.operators TO qp_api;


--
-- Name: TABLE reconciliations; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.reconciliations TO qp_worker;


--
-- Name: TABLE refusals; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.refusals TO qp_api;
GRANT SELECT,INSERT,DELETE ON TABLE public.refusals TO qp_worker;


--
-- Name: TABLE statistics_account_counterparties; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.statistics_account_counterparties TO qp_worker;
GRANT SELECT ON TABLE public.statistics_account_counterparties TO qp_stats;


--
-- Name: COLUMN statistics_account_counterparties.transfers; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(transfers) ON TABLE public.statistics_account_counterparties TO qp_worker;


--
-- Name: COLUMN statistics_account_counterparties.amount; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(amount) ON TABLE public.statistics_account_counterparties TO qp_worker;


--
-- Name: TABLE statistics_account_months; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.statistics_account_months TO qp_worker;
GRANT SELECT ON TABLE public.statistics_account_months TO qp_stats;


--
-- Name: COLUMN statistics_account_months.transfers; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(transfers) ON TABLE public.statistics_account_months TO qp_worker;


--
-- Name: COLUMN statistics_account_months.amount; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(amount) ON TABLE public.statistics_account_months TO qp_worker;


--
-- Name: TABLE statistics_accounts; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.statistics_accounts TO qp_worker;
GRANT SELECT ON TABLE public.statistics_accounts TO qp_stats;


--
-- Name: COLUMN statistics_accounts.through_version; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(through_version) ON TABLE public.statistics_accounts TO qp_worker;


--
-- Name: TABLE statistics_day_accounts; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE ON TABLE public.statistics_day_accounts TO qp_worker;
GRANT SELECT ON TABLE public.statistics_day_accounts TO qp_stats;


--
-- Name: TABLE statistics_days; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE ON TABLE public.statistics_days TO qp_worker;
GRANT SELECT ON TABLE public.statistics_days TO qp_stats;


--
-- Name: TABLE statistics_hour_accounts; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE ON TABLE public.statistics_hour_accounts TO qp_worker;


--
-- Name: TABLE statistics_hour_kinds; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE ON TABLE public.statistics_hour_kinds TO qp_worker;
GRANT SELECT ON TABLE public.statistics_hour_kinds TO qp_stats;


--
-- Name: TABLE statistics_hours; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE ON TABLE public.statistics_hours TO qp_worker;
GRANT SELECT ON TABLE public.statistics_hours TO qp_stats;


--
-- Name: TABLE transfers; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.transfers TO qp_api;
GRANT SELECT,INSERT ON TABLE public.transfers TO qp_worker;


--
-- Name: COLUMN transfers.id; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT(id) ON TABLE public.transfers TO qp_stats;


--
-- Name: COLUMN transfers.debit_account; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT(debit_account) ON TABLE public.transfers TO qp_stats;


--
-- Name: COLUMN transfers.credit_account; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT(credit_account) ON TABLE public.transfers TO qp_stats;


--
-- Name: COLUMN transfers.amount; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT(amount) ON TABLE public.transfers TO qp_stats;


--
-- Name: COLUMN transfers.debit_version; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT(debit_version) ON TABLE public.transfers TO qp_stats;


--
-- Name: COLUMN transfers.credit_version; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT(credit_version) ON TABLE public.transfers TO qp_stats;


--
-- Name: COLUMN transfers.created_at; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT(created_at) ON TABLE public.transfers TO qp_stats;


--
-- Name: COLUMN transfers.kind; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT(kind) ON TABLE public.transfers TO qp_stats;


--
-- Name: COLUMN transfers.currency; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT(currency) ON TABLE public.transfers TO qp_stats;


--
-- PostgreSQL database dump complete
--
