-- Old keys are found by reading the table slice by slice (KeyExpiry), not by their time: the BRIN index went blind as soon as new rows
-- filled the pages of forgotten ones, since its ranges never shrink.
-- Behind somebody's long statement it gives up, rather than stop every payment that comes after it.
SET LOCAL lock_timeout = '1s';
DROP INDEX idempotency_keys_age;
