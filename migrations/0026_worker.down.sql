-- Nothing is lost. A worker cannot send anything without these functions.
DROP FUNCTION IF EXISTS begin_message(bigint, timestamptz, interval, text, bytea, interval, integer[], integer[]);
DROP FUNCTION IF EXISTS account_with_address(text, text);
