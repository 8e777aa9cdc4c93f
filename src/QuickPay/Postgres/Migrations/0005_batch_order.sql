-- What was committed since a look: the batches whose transaction was not over then (Caches/StaleBalances).
CREATE INDEX ledger_batches_xid ON ledger_batches (xid);
