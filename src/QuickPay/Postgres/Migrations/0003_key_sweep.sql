-- Old keys are found by reading the table slice by slice (KeyExpiry), not by their time: the BRIN index went blind as soon as new rows
-- filled the pages of forgotten ones, since its ranges never shrink.
DROP INDEX idempotency_keys_age;
