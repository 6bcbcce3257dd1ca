-- Lost: which attempts count, from where accounts were logged in to, and how many logins there were in each hour.
DROP FUNCTION IF EXISTS tell_of_guesses(text, integer, bytea, integer);
DROP FUNCTION IF EXISTS finish_login(integer, bytea, bytea, timestamptz, bytea);
DROP FUNCTION IF EXISTS begin_login(
    text, text, bytea, bytea, integer, integer, bytea, bytea, integer, integer, integer, bigint
);
DROP FUNCTION IF EXISTS count_login(integer, integer);
DROP FUNCTION IF EXISTS begin_check(integer, bytea, bytea, bytea, integer, integer, integer, bigint);
DROP FUNCTION IF EXISTS begin_attempt(bytea, integer, integer, integer, bigint);
DROP FUNCTION IF EXISTS leave_hash_slots(integer, bigint);
DROP FUNCTION IF EXISTS password_key(integer, bytea, bytea, bytea);
DROP FUNCTION IF EXISTS remember_address(integer, bytea);
DROP FUNCTION IF EXISTS address_hash(integer, bytea);
DROP FUNCTION IF EXISTS take_attempt_back(bytea, timestamptz);
DROP FUNCTION IF EXISTS count_attempt(bytea, integer, integer, timestamptz);
DROP FUNCTION IF EXISTS seconds_until_free(bytea, integer, integer, timestamptz);
DROP FUNCTION IF EXISTS attempts_after(timestamptz[], timestamptz);
-- In the order in which a deletion of accounts locks the tables; otherwise the two could wait for each other.
LOCK TABLE users IN ACCESS EXCLUSIVE MODE;
DROP TABLE IF EXISTS login_hours;
DROP TABLE IF EXISTS known_addresses;
DROP TABLE IF EXISTS limits;
ALTER TABLE users DROP COLUMN IF EXISTS failures_forgiven_at;
