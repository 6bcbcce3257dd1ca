-- The keys that sign access tokens, and the statement of the guard that also reads the key of a token.
--
-- The key that signs is the newest one whose time to sign has come. If that one is revoked, none signs. It is due for a successor 90 days
-- after it began to sign. A key verifies tokens until it is revoked or deleted. It may be deleted one day after its successor began to sign:
-- no access token lives longer.
CREATE TABLE signing_keys (
    -- The thumbprint of the public key (RFC 7638), which tokens name.
    kid text NOT NULL,
    -- RFC 8032, section 5.1.2.
    public_key bytea NOT NULL,
    -- The private key, encrypted with a secret that the database does not know. Null once it is revoked or no longer signs.
    sealed_key bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    signs_from timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT signing_keys_pkey PRIMARY KEY (kid),
    CONSTRAINT signing_keys_kid_length CHECK (length(kid) = 43),
    CONSTRAINT signing_keys_public_key_length CHECK (octet_length(public_key) = 32)
);

-- The key that signs at a moment, as far as is known now. It is due when it is 90 days old and nothing takes its place. No row when none
-- signs.
CREATE FUNCTION signing_key_at(moment timestamptz) RETURNS TABLE (kid text, sealed_key bytea, is_due boolean)
LANGUAGE sql STABLE ROWS 1 AS $$
    SELECT newest.kid,
           newest.sealed_key,
           newest.signs_from <= moment - interval '90 days'
           AND NOT EXISTS (SELECT FROM signing_keys later WHERE later.signs_from > moment AND later.revoked_at IS NULL)
      FROM (
               SELECT k.kid, k.sealed_key, k.signs_from, k.revoked_at
                 FROM signing_keys k
                WHERE k.signs_from <= moment
                ORDER BY k.signs_from DESC, k.kid
                LIMIT 1
           ) newest
     WHERE newest.revoked_at IS NULL AND newest.sealed_key IS NOT NULL
$$;

-- The key that signs now.
CREATE FUNCTION signing_key() RETURNS TABLE (kid text, sealed_key bytea, is_due boolean) LANGUAGE sql STABLE ROWS 1 AS $$
    SELECT k.kid, k.sealed_key, k.is_due FROM signing_key_at(now()) k
$$;

-- Adds a key, if one is still needed: at once when none signs, and otherwise from `delay_seconds` on when the one that signs will be due then.
-- Returns the key that signs now, be it this one or another.
--
-- It is a function because its look at the keys sees what was committed while it waited for the lock: of two replicas that make a key at the
-- same moment, the second finds that of the first. Its clock is the one after the wait, for the same reason.
CREATE FUNCTION add_signing_key(of_kid text, of_public_key bytea, of_sealed_key bytea, delay_seconds integer)
RETURNS TABLE (kid text, sealed_key bytea, is_due boolean) LANGUAGE plpgsql VOLATILE ROWS 1 AS $$
#variable_conflict use_column
DECLARE
    moment timestamptz;
BEGIN
    LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE;
    moment := clock_timestamp();
    IF EXISTS (SELECT FROM signing_key_at(moment)) THEN
        moment := moment + make_interval(secs => delay_seconds);
        IF EXISTS (SELECT FROM signing_key_at(moment) k WHERE k.is_due) THEN
            INSERT INTO signing_keys (kid, public_key, sealed_key, signs_from) VALUES (of_kid, of_public_key, of_sealed_key, moment);
        END IF;
    ELSE
        INSERT INTO signing_keys (kid, public_key, sealed_key, signs_from) VALUES (of_kid, of_public_key, of_sealed_key, moment);
    END IF;
    RETURN QUERY SELECT k.kid, k.sealed_key, k.is_due FROM signing_key_at(clock_timestamp()) k;
END
$$;

-- The account that a token names, its roles and extras as caller_as_json() of 0011 answers them, and the key that the token names. The token
-- is not verified yet when this instance does not know the key, so the answer has nothing of the account unless the session is live:
--   user       null, unless the session exists, belongs to the account and has not expired, and the account is active;
--   is_active  false if the account is deactivated. Otherwise null, so that nobody learns which accounts there are by asking for each;
--   key        the public key in base64; null when it is unknown or revoked, or when the token names none.
--
-- It is made of several statements, since Postgres initialises each part of a statement, whether it is needed or not. This is the statement
-- that nearly every request runs.
CREATE FUNCTION caller_by_token(of_user integer, of_session bigint, of_kid text, extras text[])
RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    account json;
    role_names text[];
    is_active boolean;
    permissions json[];
    profile jsonb;
    public_key text;
BEGIN
    SELECT to_json(a),
           ARRAY(
               SELECT r.name FROM user_roles ur JOIN roles r ON r.id = ur.role_id
                WHERE ur.user_id = a.id
                ORDER BY r.name
           )
      INTO account, role_names
      FROM sessions s
      JOIN accounts a ON a.id = s.user_id
     WHERE s.id = of_session AND s.user_id = of_user AND s.expires_at > now() AND a.is_active;
    IF account IS NULL THEN
        role_names := '{}';
        is_active := (SELECT false FROM users u WHERE u.id = of_user AND NOT u.is_active);
    ELSE
        IF 'permissions' = ANY (extras) THEN
            permissions := ARRAY(
                SELECT to_json(p) FROM permissions p
                 WHERE p.id IN (
                     SELECT rp.permission_id
                       FROM user_roles ur JOIN role_permissions rp ON rp.role_id = ur.role_id
                      WHERE ur.user_id = of_user
                 )
                 ORDER BY p.id
            );
        END IF;
        IF 'profile' = ANY (extras) THEN
            profile := (SELECT to_jsonb(pr) FROM profiles pr WHERE pr.user_id = of_user);
        END IF;
    END IF;
    public_key := (SELECT encode(k.public_key, 'base64') FROM signing_keys k WHERE k.kid = of_kid AND k.revoked_at IS NULL);
    RETURN json_build_object(
        'user', account,
        'roles', role_names,
        'extras', json_build_object('permissions', permissions, 'profile', profile),
        'is_active', is_active,
        'key', public_key,
        'now', floor(extract(epoch FROM now()))::bigint
    );
END
$$;
