-- Since when an account has a second factor: null until the first one is confirmed, and again once the last one goes. Statements that read an
-- account learn from it that a password alone is not enough. A file of its own, because it would otherwise hold the lock on the accounts while it
-- waits for that on the sessions.
ALTER TABLE users ADD COLUMN factors_since timestamptz;

UPDATE component_rights SET columns = columns || '{factors_since}'
 WHERE component = 'auth' AND verb IN ('SELECT', 'UPDATE') AND object = 'users';
