-- No data is lost.
DROP FUNCTION IF EXISTS may_go(integer);
DROP FUNCTION IF EXISTS session_remains(integer, bigint);
DROP FUNCTION IF EXISTS sessions_of(integer, bigint);
