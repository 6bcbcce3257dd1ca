-- Nothing is lost.
DROP FUNCTION IF EXISTS caller_as_json(integer, bigint, boolean, boolean);
