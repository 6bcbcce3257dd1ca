-- Lost: since when accounts have a second factor.
UPDATE component_rights SET columns = array_remove(columns, 'factors_since')
 WHERE component = 'auth' AND verb IN ('SELECT', 'UPDATE') AND object = 'users';

ALTER TABLE users DROP COLUMN IF EXISTS factors_since;
