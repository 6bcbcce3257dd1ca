-- Nothing is lost.
DELETE FROM component_rights WHERE verb = 'EXECUTE' AND object IN ('reset_factors(integer)', 'exported_factors(integer)');
DROP TRIGGER IF EXISTS users_reset_factors ON users;
DROP FUNCTION IF EXISTS exported_factors(integer);
DROP FUNCTION IF EXISTS base64url(bytea);
DROP FUNCTION IF EXISTS reset_factors_of_claimed_account();
DROP FUNCTION IF EXISTS reset_factors(integer);
