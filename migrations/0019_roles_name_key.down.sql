-- Loses nothing: `usersctl migrate upgrade` computes the keys again from the names.
DROP TRIGGER IF EXISTS roles_keys_2_settle ON roles;
DROP TRIGGER IF EXISTS roles_keys_1_mark ON roles;
DROP FUNCTION IF EXISTS settle_name_key();
DROP FUNCTION IF EXISTS mark_name_key();
ALTER TABLE roles DROP COLUMN IF EXISTS name_key;
