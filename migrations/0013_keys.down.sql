-- Loses nothing: `usersctl migrate upgrade` computes the keys again from addresses and names.
DROP TRIGGER IF EXISTS permissions_keys_2_settle ON permissions;
DROP TRIGGER IF EXISTS permissions_keys_1_mark ON permissions;
DROP TRIGGER IF EXISTS roles_keys_2_settle ON roles;
DROP TRIGGER IF EXISTS roles_keys_1_mark ON roles;
DROP TRIGGER IF EXISTS users_keys_2_settle ON users;
DROP TRIGGER IF EXISTS users_keys_1_mark_search_text ON users;
DROP TRIGGER IF EXISTS users_keys_1_mark_email_key ON users;
DROP FUNCTION IF EXISTS settle_name_key();
DROP FUNCTION IF EXISTS mark_name_key();
DROP FUNCTION IF EXISTS settle_account_keys();
DROP FUNCTION IF EXISTS mark_search_text();
DROP FUNCTION IF EXISTS mark_email_key();
ALTER TABLE permissions DROP COLUMN IF EXISTS name_key;
ALTER TABLE roles DROP COLUMN IF EXISTS name_key;
ALTER TABLE users DROP COLUMN IF EXISTS search_text, DROP COLUMN IF EXISTS email_key;
