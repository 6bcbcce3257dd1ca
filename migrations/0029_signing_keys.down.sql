-- Lost: the keys. Access tokens that they signed are refused; clients refresh.
DROP FUNCTION IF EXISTS caller_by_token(integer, bigint, text, text[]);
DROP FUNCTION IF EXISTS add_signing_key(text, bytea, bytea, integer);
DROP FUNCTION IF EXISTS signing_key();
DROP FUNCTION IF EXISTS signing_key_at(timestamptz);
DROP TABLE IF EXISTS signing_keys;
