-- Passkeys (Web Authentication level 3), and the challenges that their authenticators sign.

-- The name of an account towards authenticators: random, so that it tells nobody who holds an authenticator which account it is. A table of its
-- own, because a unique index on `users` would lock the accounts while it is built. The account keeps its handle when its last passkey goes: an
-- authenticator then replaces the passkey that it still has.
CREATE TABLE passkey_handles (
    user_id integer NOT NULL,
    handle bytea NOT NULL,
    CONSTRAINT passkey_handles_pkey PRIMARY KEY (user_id),
    CONSTRAINT passkey_handles_handle_key UNIQUE (handle),
    CONSTRAINT passkey_handles_handle_length CHECK (octet_length(handle) BETWEEN 16 AND 64),
    CONSTRAINT passkey_handles_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

-- A passkey is a second factor of its account. With user verification, it is a whole login.
CREATE TABLE passkeys (
    id bigint GENERATED ALWAYS AS IDENTITY,
    user_id integer NOT NULL,
    name text NOT NULL,
    -- The name that the authenticator gave it.
    credential_id bytea NOT NULL,
    -- COSE (RFC 9052 section 7).
    public_key bytea NOT NULL,
    -- The number in the registry of COSE.
    algorithm integer NOT NULL,
    -- The counter at the last use: 32 bits without a sign. Zero if the authenticator does not count.
    sign_count bigint NOT NULL,
    -- The passkey may be copied to other devices of its user, and is copied.
    backup_eligible boolean NOT NULL,
    backed_up boolean NOT NULL,
    -- The authenticator recognised its user at the registration.
    user_verified boolean NOT NULL,
    transports text[] NOT NULL,
    -- The model of the authenticator, for people only: nobody signs for it.
    aaguid uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    CONSTRAINT passkeys_pkey PRIMARY KEY (id),
    CONSTRAINT passkeys_credential_id_key UNIQUE (credential_id),
    CONSTRAINT passkeys_credential_id_length CHECK (octet_length(credential_id) BETWEEN 1 AND 1023),
    CONSTRAINT passkeys_name_length CHECK (char_length(name) BETWEEN 1 AND 100),
    CONSTRAINT passkeys_sign_count_range CHECK (sign_count BETWEEN 0 AND 4294967295),
    CONSTRAINT passkeys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) WITH (fillfactor = 80);

CREATE INDEX passkeys_user_id_idx ON passkeys (user_id);

-- The challenges that wait for an answer. Each works once: the statement that acts on the answer deletes it. After a crash of Postgres the table is
-- empty, and people begin again.
CREATE UNLOGGED TABLE passkey_challenges (
    -- SHA-256 of the challenge in base64url.
    challenge_hash bytea NOT NULL,
    purpose text NOT NULL,
    -- The session that asked; null for a login.
    session_id bigint,
    expires_at timestamptz NOT NULL DEFAULT now() + interval '5 minutes',
    CONSTRAINT passkey_challenges_pkey PRIMARY KEY (challenge_hash),
    CONSTRAINT passkey_challenges_challenge_hash_length CHECK (octet_length(challenge_hash) = 32),
    CONSTRAINT passkey_challenges_purpose CHECK (
        purpose IN ('registration', 'login', 'proof') AND (purpose = 'login') = (session_id IS NULL)
    ),
    CONSTRAINT passkey_challenges_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions (id) ON DELETE CASCADE
);

CREATE INDEX passkey_challenges_session_id_idx ON passkey_challenges (session_id);
CREATE INDEX passkey_challenges_expires_at_idx ON passkey_challenges (expires_at);

-- A passkey as its owner sees it.
CREATE FUNCTION passkey_as_json(of_passkey passkeys) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object(
               'id', of_passkey.id,
               'name', of_passkey.name,
               'created_at', of_passkey.created_at,
               'last_used_at', of_passkey.last_used_at,
               'backed_up', of_passkey.backed_up,
               'transports', of_passkey.transports
           )
$$;

-- The passkeys of an account, the newest first, as a JSON array.
CREATE FUNCTION passkeys_of(of_user integer) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(json_agg(passkey_as_json(p) ORDER BY p.id DESC), '[]')::text FROM passkeys p WHERE p.user_id = of_user
$$;

-- The passkeys of an account as browsers ask for them, the last used first: a JSON array of ids in base64url and transports.
CREATE FUNCTION passkey_descriptors(of_user integer) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(
               json_agg(
                   json_build_object(
                       'id', rtrim(translate(encode(p.credential_id, 'base64'), E'+/\n', '-_'), '='),
                       'transports', p.transports
                   )
                   ORDER BY coalesce(p.last_used_at, p.created_at) DESC, p.id DESC
               ),
               '[]'
           )::text
      FROM passkeys p
     WHERE p.user_id = of_user
$$;

-- Keeps a challenge for a session, whose row the caller has locked. Of one session, ten wait at most: the newest.
CREATE FUNCTION keep_passkey_challenge(of_session bigint, of_challenge bytea, for_purpose text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    DELETE FROM passkey_challenges
     WHERE challenge_hash IN (
               SELECT c.challenge_hash FROM passkey_challenges c
                WHERE c.session_id = of_session
                ORDER BY c.expires_at DESC, c.challenge_hash
               OFFSET 9
           );
    INSERT INTO passkey_challenges (challenge_hash, purpose, session_id) VALUES (of_challenge, for_purpose, of_session);
END
$$;

-- Begins the registration of a passkey: keeps the challenge for the session, and makes the handle of the account if it has none. Returns the
-- handle and the passkeys that the account has; no row when the session has ended.
CREATE FUNCTION offer_passkey_registration(of_user integer, of_session bigint, new_handle bytea, of_challenge bytea)
RETURNS TABLE (handle bytea, passkeys text) LANGUAGE plpgsql VOLATILE ROWS 1 AS $$
#variable_conflict use_column
BEGIN
    PERFORM FROM sessions WHERE id = of_session AND user_id = of_user AND expires_at > now() FOR KEY SHARE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM keep_passkey_challenge(of_session, of_challenge, 'registration');
    INSERT INTO passkey_handles (user_id, handle) VALUES (of_user, new_handle) ON CONFLICT ON CONSTRAINT passkey_handles_pkey DO NOTHING;
    RETURN QUERY SELECT h.handle, passkey_descriptors(of_user) FROM passkey_handles h WHERE h.user_id = of_user;
END
$$;

-- Begins a login by a passkey alone: counts it for the client address, and keeps the challenge. Returns null, or the seconds until the next one
-- is free if this one is refused.
CREATE FUNCTION offer_passkey_login(of_key bytea, most integer, seconds integer, of_challenge bytea) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    wait integer;
BEGIN
    -- A crash may lose the challenge as well.
    PERFORM set_config('synchronous_commit', 'off', true);
    SELECT c.retry_after INTO wait FROM count_attempt(of_key, most, seconds, NULL) c;
    IF wait IS NULL THEN
        INSERT INTO passkey_challenges (challenge_hash, purpose) VALUES (of_challenge, 'login');
    END IF;
    RETURN wait;
END
$$;

-- Begins a proof of a session's owner by a passkey: keeps the challenge for the session, and returns the account's passkeys; null when the session has
-- ended.
CREATE FUNCTION offer_passkey_proof(of_user integer, of_session bigint, of_challenge bytea) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM FROM sessions WHERE id = of_session AND user_id = of_user AND expires_at > now() FOR KEY SHARE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    PERFORM keep_passkey_challenge(of_session, of_challenge, 'proof');
    RETURN passkey_descriptors(of_user);
END
$$;

-- The passkeys of the account whose login waits for the second factor with this challenge, for a client at this address; null when none waits.
-- Counts the request, as above. The authenticator signs the challenge that the client has.
CREATE FUNCTION offer_passkeys_to_login(of_key bytea, most integer, seconds integer, of_challenge bytea, of_network bytea)
RETURNS TABLE (retry_after integer, passkeys text) LANGUAGE plpgsql VOLATILE ROWS 1 AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    SELECT c.retry_after INTO retry_after FROM count_attempt(of_key, most, seconds, NULL) c;
    IF retry_after IS NULL THEN
        passkeys := (
            SELECT passkey_descriptors(c.user_id)
              FROM login_challenges c
             WHERE c.challenge_hash = of_challenge AND c.expires_at > now() AND c.network IS NOT DISTINCT FROM of_network
        );
    END IF;
    RETURN NEXT;
END
$$;

-- What the signature of a passkey is verified with.
CREATE FUNCTION passkey_key(of_user integer, of_credential bytea)
RETURNS TABLE (passkey_id bigint, public_key bytea, sign_count bigint, backup_eligible boolean, handle bytea) LANGUAGE sql STABLE ROWS 1 AS $$
    SELECT p.id, p.public_key, p.sign_count, p.backup_eligible, h.handle
      FROM passkeys p
      JOIN passkey_handles h ON h.user_id = p.user_id
     WHERE p.credential_id = of_credential AND p.user_id = of_user
$$;

-- Takes the answer to a challenge of a login: counts the login, ends the challenge, and finds the passkey with its account. `retry_after` is set
-- when the client address has logged in too often; then the challenge stays. `is_open` says whether there was such a challenge. Without it, or
-- without the passkey, the columns of the passkey are null.
--
-- Of two answers to one challenge, one finds it: the other waits for the row, and sees that it is gone.
CREATE FUNCTION begin_passkey_login(logins_key bytea, most_logins integer, logins_seconds integer, of_challenge bytea, of_credential bytea)
RETURNS TABLE (
    retry_after integer,
    is_open boolean,
    user_id integer,
    email text,
    is_active boolean,
    email_verified boolean,
    passkey_id bigint,
    public_key bytea,
    sign_count bigint,
    backup_eligible boolean,
    handle bytea
) LANGUAGE plpgsql VOLATILE ROWS 1 AS $$
#variable_conflict use_column
BEGIN
    -- As in begin_login(): a crash may lose a count, and loses the challenges anyway.
    PERFORM set_config('synchronous_commit', 'off', true);
    SELECT c.retry_after INTO retry_after FROM count_attempt(logins_key, most_logins, logins_seconds, NULL) c;
    is_open := false;
    IF retry_after IS NULL THEN
        DELETE FROM passkey_challenges WHERE challenge_hash = of_challenge AND purpose = 'login' AND expires_at > now();
        is_open := FOUND;
    END IF;
    IF is_open THEN
        SELECT u.id, u.email, u.is_active, u.email_verified, k.passkey_id, k.public_key, k.sign_count, k.backup_eligible, k.handle
          INTO user_id, email, is_active, email_verified, passkey_id, public_key, sign_count, backup_eligible, handle
          FROM passkeys p
          JOIN users u ON u.id = p.user_id
         CROSS JOIN LATERAL passkey_key(p.user_id, p.credential_id) k
         WHERE p.credential_id = of_credential;
    END IF;
    PERFORM count_login(1, 0);
    RETURN NEXT;
END
$$;

-- Takes the answer to a challenge of a proof: ends the challenge, and finds the passkey among those of the account. `is_open` as above.
CREATE FUNCTION begin_passkey_proof(of_user integer, of_session bigint, of_challenge bytea, of_credential bytea)
RETURNS TABLE (is_open boolean, passkey_id bigint, public_key bytea, sign_count bigint, backup_eligible boolean, handle bytea)
LANGUAGE plpgsql VOLATILE ROWS 1 AS $$
#variable_conflict use_column
BEGIN
    DELETE FROM passkey_challenges
     WHERE challenge_hash = of_challenge AND purpose = 'proof' AND session_id = of_session AND expires_at > now();
    is_open := FOUND;
    IF is_open THEN
        SELECT k.passkey_id, k.public_key, k.sign_count, k.backup_eligible, k.handle
          INTO passkey_id, public_key, sign_count, backup_eligible, handle
          FROM passkey_key(of_user, of_credential) k;
    END IF;
    RETURN NEXT;
END
$$;

-- Notes a use of a passkey whose signature was verified. False when the account has it no longer, or when the counter did not grow since: another
-- use was faster. Both counters are zero where the authenticator does not count. The statement has locked the row of the account.
CREATE FUNCTION use_passkey(of_user integer, of_passkey bigint, new_count bigint, is_backed_up boolean) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE passkeys
       SET sign_count = new_count, backed_up = is_backed_up, last_used_at = now()
     WHERE id = of_passkey AND user_id = of_user
       AND (new_count > sign_count OR (new_count = 0 AND sign_count = 0));
    RETURN FOUND;
END
$$;

-- Ends the challenge of a registration in this session: its answer was refused, and it is answered once only.
CREATE FUNCTION end_passkey_registration(of_session bigint, of_challenge bytea) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    DELETE FROM passkey_challenges WHERE challenge_hash = of_challenge AND purpose = 'registration' AND session_id = of_session;
    RETURN FOUND;
END
$$;

-- Adds a passkey to an account, in answer to a challenge of this session. `refusal` says why not: `session` when the session has ended, `challenge`
-- when no such one waits, `too_many` when the account has `most` passkeys, and `exists` when somebody has registered this one. The account gets these
-- recovery codes, as hashes in hexadecimal, if it has none. The methods are those that the session has proved.
CREATE FUNCTION add_passkey(
    of_user integer,
    of_session bigint,
    of_challenge bytea,
    of_name text,
    of_credential bytea,
    of_public_key bytea,
    of_algorithm integer,
    of_sign_count bigint,
    is_backup_eligible boolean,
    is_backed_up boolean,
    is_user_verified boolean,
    of_transports text[],
    of_aaguid text,
    most integer,
    of_methods text[],
    code_hashes text[]
) RETURNS TABLE (refusal text, passkey text, has_new_codes boolean) LANGUAGE plpgsql VOLATILE ROWS 1 AS $$
#variable_conflict use_column
DECLARE
    present integer;
    added passkeys;
BEGIN
    IF NOT lock_caller(of_user, of_session, NULL) THEN
        refusal := 'session';
        RETURN NEXT;
        RETURN;
    END IF;
    DELETE FROM passkey_challenges
     WHERE challenge_hash = of_challenge AND purpose = 'registration' AND session_id = of_session AND expires_at > now();
    IF NOT FOUND THEN
        refusal := 'challenge';
        RETURN NEXT;
        RETURN;
    END IF;
    present := (SELECT count(*) FROM passkeys p WHERE p.user_id = of_user);
    IF present >= most THEN
        refusal := 'too_many';
        RETURN NEXT;
        RETURN;
    END IF;
    INSERT INTO passkeys (
        user_id, name, credential_id, public_key, algorithm, sign_count, backup_eligible, backed_up, user_verified, transports, aaguid
    ) VALUES (
        of_user, coalesce(of_name, 'Passkey ' || present + 1), of_credential, of_public_key, of_algorithm, of_sign_count, is_backup_eligible,
        is_backed_up, is_user_verified, of_transports, of_aaguid::uuid
    )
    ON CONFLICT ON CONSTRAINT passkeys_credential_id_key DO NOTHING
    RETURNING * INTO added;
    IF NOT FOUND THEN
        refusal := 'exists';
        RETURN NEXT;
        RETURN;
    END IF;
    PERFORM note_factor_added(of_user, of_session, of_methods);
    passkey := passkey_as_json(added);
    has_new_codes := add_first_recovery_codes(of_user, code_hashes);
    RETURN NEXT;
END
$$;

-- Gives a passkey of an account another name, and returns it as JSON; null when the account has no such passkey. `is_asking` is false when the session
-- has ended.
CREATE FUNCTION rename_passkey(of_user integer, of_session bigint, of_passkey bigint, new_name text)
RETURNS TABLE (is_asking boolean, passkey text) LANGUAGE plpgsql VOLATILE ROWS 1 AS $$
#variable_conflict use_column
DECLARE
    renamed passkeys;
BEGIN
    is_asking := lock_caller(of_user, of_session, NULL);
    IF is_asking THEN
        UPDATE passkeys SET name = new_name WHERE id = of_passkey AND user_id = of_user RETURNING * INTO renamed;
        IF FOUND THEN
            passkey := passkey_as_json(renamed);
        END IF;
    END IF;
    RETURN NEXT;
END
$$;

-- Removes a passkey from an account. `is_asking` as above.
CREATE FUNCTION remove_passkey(of_user integer, of_session bigint, of_passkey bigint)
RETURNS TABLE (is_asking boolean, is_removed boolean) LANGUAGE plpgsql VOLATILE ROWS 1 AS $$
BEGIN
    is_removed := false;
    is_asking := lock_caller(of_user, of_session, NULL);
    IF is_asking THEN
        DELETE FROM passkeys p WHERE p.id = of_passkey AND p.user_id = of_user;
        is_removed := FOUND;
        IF is_removed THEN
            PERFORM note_factor_removed(of_user);
        END IF;
    END IF;
    RETURN NEXT;
END
$$;

-- As in 0041, with passkeys.
CREATE OR REPLACE FUNCTION factor_methods(of_user integer) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT array_remove(ARRAY[
               (SELECT 'totp' FROM totp t WHERE t.user_id = of_user AND t.secret IS NOT NULL),
               CASE WHEN EXISTS (SELECT FROM passkeys p WHERE p.user_id = of_user) THEN 'passkey' END,
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
               'passkeys', (SELECT count(*) FROM passkeys p WHERE p.user_id = of_user),
               'recovery_codes_left', (SELECT count(*) FROM recovery_codes c WHERE c.user_id = of_user)
           )::text
$$;

-- `auth` reaches the new tables by these functions only. They run with the rights of the owner, and so do the two that were replaced.
DO $$
DECLARE
    routine record;
BEGIN
    FOR routine IN
        SELECT p.oid::regprocedure AS signature
          FROM pg_proc p
         WHERE p.pronamespace = current_schema()::regnamespace
           AND p.proname IN (
                   'passkey_as_json', 'passkeys_of', 'passkey_descriptors', 'keep_passkey_challenge', 'offer_passkey_registration',
                   'offer_passkey_login', 'offer_passkey_proof', 'offer_passkeys_to_login', 'passkey_key', 'begin_passkey_login', 'begin_passkey_proof',
                   'use_passkey', 'end_passkey_registration', 'add_passkey', 'rename_passkey', 'remove_passkey', 'factor_methods', 'factors_of'
               )
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', routine.signature);
        EXECUTE format(
            'ALTER FUNCTION %s SECURITY DEFINER SET search_path = pg_catalog, %I, pg_temp', routine.signature, current_schema()
        );
    END LOOP;
END
$$;

INSERT INTO component_rights (component, verb, object)
SELECT 'auth', 'EXECUTE', signature
  FROM unnest(ARRAY[
           'passkeys_of(integer)',
           'passkey_descriptors(integer)',
           'offer_passkey_registration(integer,bigint,bytea,bytea)',
           'offer_passkey_login(bytea,integer,integer,bytea)',
           'offer_passkey_proof(integer,bigint,bytea)',
           'offer_passkeys_to_login(bytea,integer,integer,bytea,bytea)',
           'passkey_key(integer,bytea)',
           'begin_passkey_login(bytea,integer,integer,bytea,bytea)',
           'begin_passkey_proof(integer,bigint,bytea,bytea)',
           'use_passkey(integer,bigint,bigint,boolean)',
           'end_passkey_registration(bigint,bytea)',
           'add_passkey(integer,bigint,bytea,text,bytea,bytea,integer,bigint,boolean,boolean,boolean,text[],text,integer,text[],text[])',
           'rename_passkey(integer,bigint,bigint,text)',
           'remove_passkey(integer,bigint,bigint)'
       ]) AS signature;
INSERT INTO component_rights (component, verb, object, columns) VALUES
    ('worker', 'SELECT', 'passkey_challenges', '{challenge_hash,expires_at}'),
    ('worker', 'UPDATE', 'passkey_challenges', '{expires_at}'),
    ('worker', 'DELETE', 'passkey_challenges', NULL);
