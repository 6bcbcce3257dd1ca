-- Second factors: the authenticators of accounts (RFC 6238), their recovery codes, and the logins that wait for a factor.
--
-- Whoever locks several rows does it in this order: the account, its challenge, its authenticator or code, and then the counts of attempts as
-- in 0028. Only the count of a code locks a challenge without its account, and then no other of these rows but the counts.

-- The authenticator of an account, and its successor until the first code of that one was right.
CREATE TABLE totp (
    user_id integer NOT NULL,
    -- The secret, encrypted. Null until an authenticator was confirmed.
    secret bytea,
    -- The time at which the first code was right.
    created_at timestamptz,
    -- The step of the last code that was used: codes of it and of the steps before work no longer.
    last_step bigint,
    -- The secret of the successor, encrypted, and the session that has seen it. Only this session can confirm it.
    next_secret bytea,
    next_session bigint,
    next_expires_at timestamptz,
    CONSTRAINT totp_pkey PRIMARY KEY (user_id),
    CONSTRAINT totp_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT totp_confirmed CHECK (
        (secret IS NULL) = (created_at IS NULL) AND (secret IS NULL) = (last_step IS NULL)
    ),
    CONSTRAINT totp_next CHECK (
        (next_secret IS NULL) = (next_session IS NULL) AND (next_secret IS NULL) = (next_expires_at IS NULL)
    )
);

-- The recovery codes that are left, as keyed hashes. A code that is used goes.
CREATE TABLE recovery_codes (
    user_id integer NOT NULL,
    code_hash bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT recovery_codes_pkey PRIMARY KEY (user_id, code_hash),
    CONSTRAINT recovery_codes_code_hash_length CHECK (octet_length(code_hash) = 32),
    CONSTRAINT recovery_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

-- Logins whose password was right, and which wait for the second factor. A challenge is for nothing else.
CREATE TABLE login_challenges (
    -- SHA-256 of the challenge.
    challenge_hash bytea NOT NULL,
    user_id integer NOT NULL,
    -- The client address, as a keyed hash. Another one cannot go on with the login. Null for a client whose address is not known.
    network bytea,
    -- The program of the client, for the session.
    client text,
    -- The keys under which wrong passwords of the account count: from all client addresses together, and from this one.
    shared_key bytea NOT NULL,
    own_key bytea NOT NULL,
    -- The codes that were tried.
    attempts integer NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL DEFAULT now() + interval '5 minutes',
    CONSTRAINT login_challenges_pkey PRIMARY KEY (challenge_hash),
    CONSTRAINT login_challenges_challenge_hash_length CHECK (octet_length(challenge_hash) = 32),
    CONSTRAINT login_challenges_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) WITH (fillfactor = 80);

CREATE INDEX login_challenges_user_id_idx ON login_challenges (user_id);
CREATE INDEX login_challenges_expires_at_idx ON login_challenges (expires_at);

-- What an account has, by the names of the API, in the order in which clients offer them: `totp`, `passkey`, `recovery_code`.
CREATE FUNCTION factor_methods(of_user integer) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT array_remove(ARRAY[
               (SELECT 'totp' FROM totp t WHERE t.user_id = of_user AND t.secret IS NOT NULL),
               CASE WHEN EXISTS (SELECT FROM recovery_codes c WHERE c.user_id = of_user) THEN 'recovery_code' END
           ], NULL)
$$;

-- The same for people, as JSON.
CREATE FUNCTION factors_of(of_user integer) RETURNS text LANGUAGE sql STABLE AS $$
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

-- Methods and further ones, each once (RFC 8176). In a session, the factors add up.
CREATE FUNCTION with_methods(methods text[], more text[]) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT methods || ARRAY(SELECT m FROM unnest(more) WITH ORDINALITY AS it (m, place) WHERE m <> ALL (methods) ORDER BY place)
$$;

-- Notes that a session has proved a factor by these methods, so that it is fresh. The statement has locked the account.
CREATE FUNCTION mark_factor(of_session bigint, of_methods text[]) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE sessions s
       SET authenticated_at = now(), factor_at = now(), methods = with_methods(coalesce(s.methods, '{pwd}'), of_methods)
     WHERE s.id = of_session;
END
$$;

-- Notes that an account has a factor more, which this session has just proved by these methods. The first one ends the other sessions; it makes
-- this one fresh. Logins that wait end. The statement has locked the account. It is a function because its queries see what was committed
-- meanwhile.
CREATE FUNCTION note_factor_added(of_user integer, of_session bigint, of_methods text[]) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE users SET factors_since = now() WHERE id = of_user AND factors_since IS NULL;
    IF FOUND THEN
        PERFORM end_other_sessions(of_user, of_session);
        PERFORM mark_factor(of_session, of_methods);
    END IF;
    DELETE FROM login_challenges c WHERE c.user_id = of_user;
    PERFORM record_event('factor_added', of_user, NULL);
END
$$;

-- Notes that an account has a factor less. With the last one, the recovery codes go. Logins that wait end. The statement has locked the account.
CREATE FUNCTION note_factor_removed(of_user integer) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF array_remove(factor_methods(of_user), 'recovery_code') = '{}' THEN
        DELETE FROM recovery_codes c WHERE c.user_id = of_user;
        UPDATE users SET factors_since = NULL WHERE id = of_user;
    END IF;
    DELETE FROM login_challenges c WHERE c.user_id = of_user;
    PERFORM record_event('factor_removed', of_user, NULL);
END
$$;

-- Gives an account these recovery codes, as hashes in hexadecimal, in place of those that it has. The statement has locked the account.
CREATE FUNCTION replace_recovery_codes(of_user integer, code_hashes text[]) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    DELETE FROM recovery_codes c WHERE c.user_id = of_user;
    INSERT INTO recovery_codes (user_id, code_hash) SELECT of_user, decode(h, 'hex') FROM unnest(code_hashes) AS h;
END
$$;

-- The same if the account has none. Returns true then.
CREATE FUNCTION add_first_recovery_codes(of_user integer, code_hashes text[]) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF EXISTS (SELECT FROM recovery_codes c WHERE c.user_id = of_user) THEN
        RETURN false;
    END IF;
    PERFORM replace_recovery_codes(of_user, code_hashes);
    RETURN true;
END
$$;

-- Gives an account new recovery codes, and tells the owner. False for an account without a factor. The statement has locked the account.
CREATE FUNCTION renew_recovery_codes(of_user integer, code_hashes text[]) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM users u WHERE u.id = of_user AND u.factors_since IS NOT NULL) THEN
        RETURN false;
    END IF;
    PERFORM replace_recovery_codes(of_user, code_hashes);
    PERFORM record_event('recovery_codes_made', of_user, NULL);
    RETURN true;
END
$$;

-- Keeps the secret of a new authenticator until its first code comes from this session, within an hour. The one in place counts until then. The
-- statement has locked the account.
CREATE FUNCTION begin_totp(of_user integer, of_session bigint, sealed bytea) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    INSERT INTO totp AS t (user_id, next_secret, next_session, next_expires_at)
    VALUES (of_user, sealed, of_session, now() + interval '1 hour')
    ON CONFLICT ON CONSTRAINT totp_pkey DO UPDATE
       SET next_secret = excluded.next_secret,
           next_session = excluded.next_session,
           next_expires_at = excluded.next_expires_at;
    RETURN true;
END
$$;

-- The secret that a session has begun to set up, and the time in seconds since 1970.
CREATE FUNCTION begun_totp(of_user integer, of_session bigint) RETURNS TABLE (secret bytea, now bigint) LANGUAGE sql VOLATILE ROWS 1 AS $$
    SELECT t.next_secret, floor(extract(epoch FROM clock_timestamp()))::bigint
      FROM totp t
     WHERE t.user_id = of_user AND t.next_session = of_session AND t.next_expires_at > now()
$$;

-- Makes the secret that a session has begun to set up the account's authenticator: a code of this step was right. `sealed_anew` is the secret
-- under a newer key, if there is one. The outcome is `codes` if the account gets these recovery codes, because it has none, `confirmed` if not,
-- and null if the secret is no longer the one. The statement has locked the account.
CREATE FUNCTION confirm_totp(of_user integer, of_session bigint, sealed bytea, sealed_anew bytea, step bigint, code_hashes text[])
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE totp t
       SET secret = coalesce(sealed_anew, sealed),
           created_at = now(),
           last_step = step,
           next_secret = NULL,
           next_session = NULL,
           next_expires_at = NULL
     WHERE t.user_id = of_user AND t.next_session = of_session AND t.next_secret = sealed AND t.next_expires_at > now();
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    PERFORM note_factor_added(of_user, of_session, '{otp,mfa}');
    RETURN CASE WHEN add_first_recovery_codes(of_user, code_hashes) THEN 'codes' ELSE 'confirmed' END;
END
$$;

-- Removes the authenticator of an account, and one that was begun. False if it had none. The statement has locked the account.
CREATE FUNCTION remove_totp(of_user integer) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    was_confirmed boolean;
BEGIN
    DELETE FROM totp t WHERE t.user_id = of_user RETURNING t.secret IS NOT NULL INTO was_confirmed;
    IF was_confirmed THEN
        PERFORM note_factor_removed(of_user);
    END IF;
    RETURN coalesce(was_confirmed, false);
END
$$;

-- Uses a code of an authenticator: of this secret, and of a step after the last one that was used. `sealed_anew` is the secret under a newer key,
-- if there is one. False if the code was used, or the stored secret is another one by now. The statement has locked the account.
CREATE FUNCTION use_totp(of_user integer, sealed bytea, sealed_anew bytea, step bigint) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE totp t
       SET last_step = step, secret = coalesce(sealed_anew, sealed)
     WHERE t.user_id = of_user AND t.secret = sealed AND t.last_step < step;
    RETURN FOUND;
END
$$;

-- Uses a recovery code, which has one of these hashes, and tells the owner. False if there is no such code. The statement has locked the account.
CREATE FUNCTION use_recovery_code(of_user integer, present_hash bytea, previous_hash bytea) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    DELETE FROM recovery_codes c WHERE c.user_id = of_user AND c.code_hash IN (present_hash, previous_hash);
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM record_event('recovery_code_used', of_user, NULL);
    RETURN true;
END
$$;

-- Makes the challenge of a login whose password was right: the attempt was no wrong one. Returns the methods that the account has. The statement
-- has locked the account.
CREATE FUNCTION make_login_challenge(
    of_user integer,
    of_challenge bytea,
    of_network bytea,
    of_client text,
    shared_key bytea,
    own_key bytea,
    counted_key bytea,
    counted_at timestamptz
) RETURNS text[] LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    DELETE FROM login_challenges c WHERE c.user_id = of_user AND c.expires_at <= now();
    INSERT INTO login_challenges (challenge_hash, user_id, network, client, shared_key, own_key)
    VALUES (of_challenge, of_user, of_network, of_client, shared_key, own_key);
    PERFORM take_attempt_back(counted_key, counted_at);
    RETURN factor_methods(of_user);
END
$$;

-- Begins to compare a factor for a login that waits: counts it as a wrong one for the challenge, and as a wrong password of the account. No row
-- when there is no such challenge, it has expired, or as many codes were tried for it as may be. `retry_after` is set when the account's count
-- refuses it; then nothing is counted. `fits` is false when the client address is another one than that of the password: then the factor counts
-- as wrong, and is not compared.
--
-- `secret` is the authenticator's, if there is one, `now` is in seconds since 1970.
CREATE FUNCTION begin_login_factor(
    of_challenge bytea,
    of_network bytea,
    most_codes integer,
    most_failures integer,
    failures_seconds integer
) RETURNS TABLE (
    user_id integer,
    fits boolean,
    secret bytea,
    last_step bigint,
    now bigint,
    counted_key bytea,
    counted_at timestamptz,
    remaining integer,
    retry_after integer
) LANGUAGE plpgsql VOLATILE ROWS 1 AS $$
#variable_conflict use_column
DECLARE
    challenge login_challenges;
    since timestamptz;
BEGIN
    SELECT * INTO challenge
      FROM login_challenges c
     WHERE c.challenge_hash = of_challenge AND c.expires_at > clock_timestamp() AND (most_codes IS NULL OR c.attempts < most_codes)
       FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    user_id := challenge.user_id;
    SELECT u.failures_forgiven_at INTO since FROM users u WHERE u.id = challenge.user_id;
    counted_key := password_key(challenge.user_id, challenge.network, challenge.shared_key, challenge.own_key);
    SELECT a.counted_at, a.remaining, a.retry_after INTO counted_at, remaining, retry_after
      FROM count_attempt(counted_key, most_failures, failures_seconds, since) a;
    IF retry_after IS NULL THEN
        UPDATE login_challenges c SET attempts = c.attempts + 1 WHERE c.challenge_hash = of_challenge;
        fits := challenge.network IS NOT DISTINCT FROM of_network;
        SELECT t.secret, t.last_step INTO secret, last_step FROM totp t WHERE t.user_id = challenge.user_id;
        now := floor(extract(epoch FROM clock_timestamp()));
    END IF;
    RETURN NEXT;
END
$$;

-- The challenge of a login, whose account is locked from then on. No row when there is none any longer, or the account may not log in.
CREATE FUNCTION hold_login_challenge(of_challenge bytea) RETURNS TABLE (
    user_id integer,
    network bytea,
    client text,
    own_key bytea
) LANGUAGE plpgsql VOLATILE ROWS 1 AS $$
#variable_conflict use_column
BEGIN
    PERFORM FROM users u
      WHERE u.id = (SELECT c.user_id FROM login_challenges c WHERE c.challenge_hash = of_challenge)
        AND u.is_active
        AND u.factors_since IS NOT NULL
        FOR NO KEY UPDATE;
    IF FOUND THEN
        RETURN QUERY
        SELECT c.user_id, c.network, c.client, c.own_key
          FROM login_challenges c
         WHERE c.challenge_hash = of_challenge AND c.expires_at > now();
    END IF;
END
$$;

-- Ends the challenge of a login that is complete.
CREATE FUNCTION end_login_challenge(of_challenge bytea) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    DELETE FROM login_challenges c WHERE c.challenge_hash = of_challenge;
    RETURN FOUND;
END
$$;

-- Begins to compare a factor of somebody who has logged in: counts it as a wrong one for the session, and as a wrong password of the account, as
-- begin_login_factor() does. `session_ended` is true when as many were tried for the session as may be: then it has ended.
CREATE FUNCTION begin_factor_check(
    of_user integer,
    of_session bigint,
    codes_key bytea,
    most_codes integer,
    codes_seconds integer,
    of_network bytea,
    shared_key bytea,
    own_key bytea,
    most_failures integer,
    failures_seconds integer
) RETURNS TABLE (
    session_ended boolean,
    is_last_code boolean,
    secret bytea,
    last_step bigint,
    now bigint,
    counted_key bytea,
    counted_at timestamptz,
    remaining integer,
    retry_after integer
) LANGUAGE plpgsql VOLATILE ROWS 1 AS $$
#variable_conflict use_column
DECLARE
    since timestamptz;
    code record;
BEGIN
    SELECT u.failures_forgiven_at INTO since FROM users u WHERE u.id = of_user;
    counted_key := password_key(of_user, of_network, shared_key, own_key);
    session_ended := false;
    -- Before the session's count: what the account's count refuses is not compared, so it ends no session.
    retry_after := seconds_until_free(counted_key, most_failures, failures_seconds, since);
    IF retry_after IS NULL THEN
        SELECT * INTO code FROM count_attempt(codes_key, most_codes, codes_seconds, NULL);
        IF code.retry_after IS NOT NULL THEN
            DELETE FROM sessions s WHERE s.id = of_session AND s.user_id = of_user;
            session_ended := true;
            counted_key := NULL;
            RETURN NEXT;
            RETURN;
        END IF;
        is_last_code := coalesce(code.remaining = 0, false);
        SELECT a.counted_at, a.remaining, a.retry_after INTO counted_at, remaining, retry_after
          FROM count_attempt(counted_key, most_failures, failures_seconds, since) a;
        IF retry_after IS NULL THEN
            SELECT t.secret, t.last_step INTO secret, last_step FROM totp t WHERE t.user_id = of_user;
            now := floor(extract(epoch FROM clock_timestamp()));
        ELSE
            PERFORM take_attempt_back(codes_key, code.counted_at);
        END IF;
    END IF;
    RETURN NEXT;
END
$$;

-- Completes a check of a factor, which was right: nothing counts as wrong for the session any longer, and the session is fresh. The statement
-- has locked the account.
CREATE FUNCTION finish_factor_check(
    of_session bigint,
    of_methods text[],
    codes_key bytea,
    counted_key bytea,
    counted_at timestamptz
) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM mark_factor(of_session, of_methods);
    PERFORM take_attempt_back(counted_key, counted_at);
    UPDATE limits SET attempts = '{}', expires_at = now() WHERE key = codes_key AND attempts <> '{}';
    RETURN true;
END
$$;

-- As in 0003, and logins that wait for a second factor end, too.
CREATE OR REPLACE FUNCTION end_sessions(of_users integer[]) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    DELETE FROM sessions WHERE user_id = ANY (of_users);
    DELETE FROM login_challenges WHERE user_id = ANY (of_users);
END
$$;

-- As in 0021, and logins that wait for a second factor end, too.
CREATE OR REPLACE FUNCTION end_other_sessions(of_user integer, kept bigint) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    DELETE FROM sessions WHERE user_id = of_user AND id <> kept;
    DELETE FROM login_challenges WHERE user_id = of_user;
END
$$;

-- A login that waits was admitted to the account as it was: with an address that counts as verified, and active. Whoever changes that ends the
-- login, also a replica of the release before.
CREATE FUNCTION end_logins_of_changed_account() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    DELETE FROM login_challenges c WHERE c.user_id = NEW.id;
    RETURN NULL;
END
$$;

CREATE TRIGGER users_end_logins AFTER UPDATE OF email, email_verified, is_active ON users
    FOR EACH ROW WHEN (
        NEW.email <> OLD.email OR (OLD.email_verified AND NOT NEW.email_verified) OR (OLD.is_active AND NOT NEW.is_active)
    )
    EXECUTE FUNCTION end_logins_of_changed_account();

-- `auth` reaches the new tables by these functions only. They run with the rights of the owner, and so do the two that were replaced.
DO $$
DECLARE
    routine record;
BEGIN
    FOR routine IN
        SELECT p.oid::regprocedure AS signature, p.proname AS name
          FROM pg_proc p
         WHERE p.pronamespace = current_schema()::regnamespace
           AND p.proname IN (
                   'factor_methods', 'factors_of', 'with_methods', 'mark_factor', 'note_factor_added', 'note_factor_removed',
                   'replace_recovery_codes', 'add_first_recovery_codes', 'renew_recovery_codes', 'begin_totp', 'begun_totp',
                   'confirm_totp', 'remove_totp', 'use_totp', 'use_recovery_code', 'make_login_challenge', 'begin_login_factor',
                   'hold_login_challenge', 'end_login_challenge', 'begin_factor_check', 'finish_factor_check',
                   'end_sessions', 'end_other_sessions', 'end_logins_of_changed_account'
               )
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', routine.signature);
        IF routine.name <> 'with_methods' THEN
            EXECUTE format(
                'ALTER FUNCTION %s SECURITY DEFINER SET search_path = pg_catalog, %I, pg_temp', routine.signature, current_schema()
            );
        END IF;
    END LOOP;
END
$$;

INSERT INTO component_rights (component, verb, object)
SELECT 'auth', 'EXECUTE', signature
  FROM unnest(ARRAY[
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
       ]) AS signature;
INSERT INTO component_rights (component, verb, object, columns) VALUES
    ('worker', 'SELECT', 'login_challenges', '{challenge_hash,expires_at}'),
    ('worker', 'UPDATE', 'login_challenges', '{client}'),
    ('worker', 'DELETE', 'login_challenges', NULL);

-- Only these functions change whether an account has a factor, or whether a session that exists has proved one.
UPDATE component_rights SET columns = array_remove(columns, 'factors_since')
 WHERE component = 'auth' AND verb = 'UPDATE' AND object = 'users';
UPDATE component_rights SET columns = array_remove(columns, 'factor_at')
 WHERE component = 'auth' AND verb = 'UPDATE' AND object = 'sessions';
