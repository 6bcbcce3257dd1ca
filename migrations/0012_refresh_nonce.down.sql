-- Lost: the nonces of the last ten seconds. A client that lost the answer to a refresh in that time has to log in again.
DROP FUNCTION IF EXISTS rotate_refresh_token(bytea, bytea, bytea, integer, integer, integer);
DROP TABLE IF EXISTS refresh_nonces;
