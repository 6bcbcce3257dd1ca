-- Nothing is lost.
DROP FUNCTION IF EXISTS caller(integer, bigint, boolean, boolean);
