-- Nothing is lost: the keys are those of 0029. Until the next upgrade, the component auth makes a key when one is due.
DROP FUNCTION IF EXISTS retire_signing_keys();
DROP FUNCTION IF EXISTS revoke_signing_key(text, text, bytea, bytea);
DROP FUNCTION IF EXISTS plan_signing_key(text, bytea, bytea, interval, interval);
