-- Nothing is lost.
DROP FUNCTION IF EXISTS replace_email_change(integer);
DROP FUNCTION IF EXISTS lock_caller(integer, bigint, text);
DROP FUNCTION IF EXISTS take_link(bytea, text[]);
