-- Loses nothing: `usersctl migrate upgrade` computes the keys again from the names.
DROP TRIGGER IF EXISTS permissions_keys_2_settle ON permissions;
DROP TRIGGER IF EXISTS permissions_keys_1_mark ON permissions;
ALTER TABLE permissions DROP COLUMN IF EXISTS name_key;
