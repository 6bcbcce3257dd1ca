-- Lost: authenticators and recovery codes. Accounts that had them need their password only.
UPDATE component_rights SET columns = columns || '{factors_since}'
 WHERE component = 'auth' AND verb = 'UPDATE' AND object = 'users';
UPDATE component_rights SET columns = columns || '{factor_at}'
 WHERE component = 'auth' AND verb = 'UPDATE' AND object = 'sessions';
DELETE FROM component_rights
 WHERE (component = 'worker' AND object = 'login_challenges')
    OR (component = 'auth' AND verb = 'EXECUTE' AND object IN (
           'factors_of(integer)',
           'renew_recovery_codes(integer,text[])',
           'begin_totp(integer,bigint,bytea)',
           'begun_totp(integer,bigint)',
           'confirm_totp(integer,bigint,bytea,bytea,bigint,text[])',
           'remove_totp(integer)',
           'use_totp(integer,bytea,bytea,bigint)',
           'use_recovery_code(integer,bytea,bytea)',
           'make_login_challenge(integer,bytea,bytea,text,bytea,bytea,bytea,timestamptz)',
           'begin_login_factor(bytea,bytea,integer,integer,integer)',
           'hold_login_challenge(bytea)',
           'end_login_challenge(bytea)',
           'begin_factor_check(integer,bigint,bytea,integer,integer,bytea,bytea,bytea,integer,integer)',
           'finish_factor_check(bigint,text[],bytea,bytea,timestamptz)'
       ));

CREATE OR REPLACE FUNCTION end_sessions(of_users integer[]) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    DELETE FROM sessions WHERE user_id = ANY (of_users);
END
$$;

CREATE OR REPLACE FUNCTION end_other_sessions(of_user integer, kept bigint) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    DELETE FROM sessions WHERE user_id = of_user AND id <> kept;
END
$$;

-- A replaced function forgets whose rights it has.
DO $$
DECLARE
    routine text;
BEGIN
    FOREACH routine IN ARRAY ARRAY['end_sessions(integer[])', 'end_other_sessions(integer, bigint)'] LOOP
        EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = pg_catalog, %I, pg_temp', routine, current_schema());
    END LOOP;
END
$$;

DROP TRIGGER IF EXISTS users_end_logins ON users;
DROP FUNCTION IF EXISTS end_logins_of_changed_account();
DROP FUNCTION IF EXISTS finish_factor_check(bigint, text[], bytea, bytea, timestamptz);
DROP FUNCTION IF EXISTS begin_factor_check(integer, bigint, bytea, integer, integer, bytea, bytea, bytea, integer, integer);
DROP FUNCTION IF EXISTS end_login_challenge(bytea);
DROP FUNCTION IF EXISTS hold_login_challenge(bytea);
DROP FUNCTION IF EXISTS begin_login_factor(bytea, bytea, integer, integer, integer);
DROP FUNCTION IF EXISTS make_login_challenge(integer, bytea, bytea, text, bytea, bytea, bytea, timestamptz);
DROP FUNCTION IF EXISTS use_recovery_code(integer, bytea, bytea);
DROP FUNCTION IF EXISTS use_totp(integer, bytea, bytea, bigint);
DROP FUNCTION IF EXISTS remove_totp(integer);
DROP FUNCTION IF EXISTS confirm_totp(integer, bigint, bytea, bytea, bigint, text[]);
DROP FUNCTION IF EXISTS begun_totp(integer, bigint);
DROP FUNCTION IF EXISTS begin_totp(integer, bigint, bytea);
DROP FUNCTION IF EXISTS renew_recovery_codes(integer, text[]);
DROP FUNCTION IF EXISTS add_first_recovery_codes(integer, text[]);
DROP FUNCTION IF EXISTS replace_recovery_codes(integer, text[]);
DROP FUNCTION IF EXISTS note_factor_removed(integer);
DROP FUNCTION IF EXISTS note_factor_added(integer, bigint, text[]);
DROP FUNCTION IF EXISTS mark_factor(bigint, text[]);
DROP FUNCTION IF EXISTS with_methods(text[], text[]);
DROP FUNCTION IF EXISTS factors_of(integer);
DROP FUNCTION IF EXISTS factor_methods(integer);
DROP TABLE IF EXISTS login_challenges;
DROP TABLE IF EXISTS recovery_codes;
DROP TABLE IF EXISTS totp;

-- Without a factor, nothing may ask for one.
UPDATE users SET factors_since = NULL WHERE factors_since IS NOT NULL;
