-- Lost: the passkeys. Accounts without another factor have none from then on, and lose their recovery codes.
DELETE FROM component_rights
 WHERE object LIKE '%passkey%';

CREATE OR REPLACE FUNCTION factor_methods(of_user integer) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT array_remove(ARRAY[
               (SELECT 'totp' FROM totp t WHERE t.user_id = of_user AND t.secret IS NOT NULL),
               CASE WHEN EXISTS (SELECT FROM recovery_codes c WHERE c.user_id = of_user) THEN 'recovery_code' END
           ], NULL)
$$;

CREATE OR REPLACE FUNCTION factors_of(of_user integer) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT json_build_object(
               'totp', (
                   SELECT json_build_object('created_at', t.created_at)
                     FROM totp t
                    WHERE t.user_id = of_user AND t.secret IS NOT NULL
               ),
               'passkeys', 0,
               'recovery_codes_left', (SELECT count(*) FROM recovery_codes c WHERE c.user_id = of_user)
           )::text
$$;

-- A replaced function forgets whose rights it has.
DO $$
DECLARE
    signature text;
BEGIN
    FOREACH signature IN ARRAY ARRAY['factor_methods(integer)', 'factors_of(integer)'] LOOP
        EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = pg_catalog, %I, pg_temp', signature, current_schema());
    END LOOP;
END
$$;

WITH left_without AS (
    UPDATE users u
       SET factors_since = NULL
     WHERE u.id IN (SELECT p.user_id FROM passkeys p)
       AND NOT EXISTS (SELECT FROM totp t WHERE t.user_id = u.id AND t.secret IS NOT NULL)
    RETURNING u.id
)
DELETE FROM recovery_codes c USING left_without WHERE c.user_id = left_without.id;

DROP FUNCTION IF EXISTS remove_passkey(integer, bigint, bigint);
DROP FUNCTION IF EXISTS rename_passkey(integer, bigint, bigint, text);
DROP FUNCTION IF EXISTS end_passkey_registration(bigint, bytea);
DROP FUNCTION IF EXISTS add_passkey(
    integer, bigint, bytea, text, bytea, bytea, integer, bigint, boolean, boolean, boolean, text[], text, integer, text[], text[]
);
DROP FUNCTION IF EXISTS use_passkey(integer, bigint, bigint, boolean);
DROP FUNCTION IF EXISTS begin_passkey_proof(integer, bigint, bytea, bytea);
DROP FUNCTION IF EXISTS begin_passkey_login(bytea, integer, integer, bytea, bytea);
DROP FUNCTION IF EXISTS passkey_key(integer, bytea);
DROP FUNCTION IF EXISTS offer_passkeys_to_login(bytea, integer, integer, bytea, bytea);
DROP FUNCTION IF EXISTS offer_passkey_proof(integer, bigint, bytea);
DROP FUNCTION IF EXISTS offer_passkey_login(bytea, integer, integer, bytea);
DROP FUNCTION IF EXISTS offer_passkey_registration(integer, bigint, bytea, bytea);
DROP FUNCTION IF EXISTS keep_passkey_challenge(bigint, bytea, text);
DROP FUNCTION IF EXISTS passkey_descriptors(integer);
DROP FUNCTION IF EXISTS passkeys_of(integer);
DROP FUNCTION IF EXISTS passkey_as_json(passkeys);

DROP TABLE IF EXISTS passkey_challenges;
DROP TABLE IF EXISTS passkeys;
DROP TABLE IF EXISTS passkey_handles;
