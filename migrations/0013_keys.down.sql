-- Loses nothing: `usersctl migrate upgrade` computes the keys again from addresses and names.
DROP TRIGGER IF EXISTS users_keys_2_settle ON users;
DROP TRIGGER IF EXISTS users_keys_1_mark_search_text ON users;
DROP TRIGGER IF EXISTS users_keys_1_mark_email_key ON users;
DROP FUNCTION IF EXISTS settle_account_keys();
DROP FUNCTION IF EXISTS mark_search_text();
DROP FUNCTION IF EXISTS mark_email_key();
ALTER TABLE users DROP COLUMN IF EXISTS search_text, DROP COLUMN IF EXISTS email_key;
