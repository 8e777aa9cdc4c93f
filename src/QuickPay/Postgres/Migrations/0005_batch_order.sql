-- What was committed since a look: the batches whose transaction was not over then (Caches/StaleBalances).
-- It stops payments while it is built, about a second for a million batches; behind somebody's long statement it gives up.
SET LOCAL lock_timeout = '1s';
CREATE INDEX ledger_batches_xid ON ledger_batches (xid);
