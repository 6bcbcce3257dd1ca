-- Keys for programs, and accounts that only hold such keys.

-- The lock of the view comes first, as in every statement that reads it; otherwise the two could wait for each other.
LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE;

-- `service` is the account of a program: without a password and without an address, so nobody logs in to it and nothing is sent to it.
--
-- Replicas of the release before expect an address. Such an account therefore has a text in its place that can never be one: `service:` and
-- its id. The constraint keeps that release from giving it an address or a password. All rows from before are accounts of persons, so there
-- is nothing to validate.
ALTER TABLE users
    ADD COLUMN kind text NOT NULL DEFAULT 'person',
    ADD CONSTRAINT users_kind CHECK (
        kind = 'person' OR (kind = 'service' AND email = 'service:' || id AND password_hash = '')
    ) NOT VALID;

-- `email` stays as it is stored: the release before reads this view.
CREATE OR REPLACE VIEW accounts AS
SELECT id, email, full_name, is_active, is_admin, created_at, updated_at, email_verified, kind FROM users;

-- A key acts as its account. Only the hash of the key is stored.
CREATE TABLE api_keys (
    id bigint GENERATED ALWAYS AS IDENTITY,
    user_id integer NOT NULL,
    name text NOT NULL,
    -- SHA-256 of the whole text.
    key_hash bytea NOT NULL,
    -- Rights such as `accounts:read`. The key has no others, and none that its account lacks at the moment of use. Null for all of the account's.
    permissions text[],
    -- The networks from which the key may be used; null for all.
    addresses cidr[],
    -- Null for never.
    expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- The hour of the last use.
    last_used_at timestamptz,
    CONSTRAINT api_keys_pkey PRIMARY KEY (id),
    CONSTRAINT api_keys_key_hash_key UNIQUE (key_hash),
    CONSTRAINT api_keys_key_hash_length CHECK (octet_length(key_hash) = 32),
    CONSTRAINT api_keys_name_length CHECK (char_length(name) BETWEEN 1 AND 100),
    CONSTRAINT api_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) WITH (fillfactor = 90);

CREATE INDEX api_keys_user_id_idx ON api_keys (user_id);
CREATE INDEX api_keys_expires_at_idx ON api_keys (expires_at);

-- A key as its owner sees it.
CREATE FUNCTION api_key_as_json(of_key api_keys) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object(
               'id', of_key.id,
               'name', of_key.name,
               'permissions', of_key.permissions,
               'addresses', (
                   SELECT array_agg(abbrev(network::inet) ORDER BY place)
                     FROM unnest(of_key.addresses) WITH ORDINALITY AS listed (network, place)
               ),
               'expires_at', of_key.expires_at,
               'created_at', of_key.created_at,
               'last_used_at', of_key.last_used_at
           )
$$;

-- The keys of an account, the newest first, as a JSON array. Those that have expired stay in it until the worker deletes them.
CREATE FUNCTION api_keys_of(of_user integer) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(json_agg(api_key_as_json(k) ORDER BY k.id DESC), '[]')::text FROM api_keys k WHERE k.user_id = of_user
$$;

-- Adds a key to an account that has fewer than `most`, and returns it as JSON; null otherwise. The statement has locked the row of the account.
-- It is a function because its count sees what was committed while the statement waited.
CREATE FUNCTION add_api_key(
    of_user integer,
    of_name text,
    of_hash bytea,
    of_permissions text[],
    of_addresses text[],
    until timestamptz,
    most integer
) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    added api_keys;
BEGIN
    IF (SELECT count(*) FROM api_keys WHERE user_id = of_user) >= most THEN
        RETURN NULL;
    END IF;
    INSERT INTO api_keys (user_id, name, key_hash, permissions, addresses, expires_at)
    VALUES (of_user, of_name, of_hash, of_permissions, of_addresses::cidr[], until)
    RETURNING * INTO added;
    RETURN api_key_as_json(added)::text;
END
$$;

-- The same for a service account; null for any other one. The component `users` may call this one only, because people make their keys
-- themselves: whoever takes it over gets no key of an administrator.
CREATE FUNCTION add_service_api_key(
    of_user integer,
    of_name text,
    of_hash bytea,
    of_permissions text[],
    of_addresses text[],
    until timestamptz,
    most integer
) RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT add_api_key(id, of_name, of_hash, of_permissions, of_addresses, until, most)
      FROM users
     WHERE id = of_user AND kind = 'service'
$$;

-- A password that is set by a link or by an operator ends the keys of the account, whoever sets it: a component, a replica of the release
-- before, or usersctl. Both also forgive the wrong passwords so far. A login that renews an outdated hash does not, and neither does a person
-- who knows the former password.
CREATE FUNCTION end_api_keys_of_reset_account() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    DELETE FROM api_keys WHERE user_id = NEW.id;
    RETURN NULL;
END
$$;

CREATE TRIGGER users_end_api_keys AFTER UPDATE OF password_hash, failures_forgiven_at ON users
    FOR EACH ROW WHEN (
        NEW.password_hash <> OLD.password_hash AND NEW.failures_forgiven_at IS DISTINCT FROM OLD.failures_forgiven_at
    )
    EXECUTE FUNCTION end_api_keys_of_reset_account();

-- True if a right grants another one: `admin:all` grants every right, `<resource>:all` every action on its resource. It is the rule of the
-- default policy.
CREATE FUNCTION right_grants(held_resource text, held_action text, resource text, action text)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT (held_resource = 'admin' AND held_action = 'all')
        OR (held_resource = resource AND held_action IN (action, 'all'))
$$;

-- What the roles of an account grant, and `admin:all` for an administrator.
CREATE FUNCTION rights_of(of_user integer) RETURNS TABLE (resource text, action text) LANGUAGE sql STABLE AS $$
    SELECT 'admin', 'all' FROM users u WHERE u.id = of_user AND u.is_admin
     UNION
    SELECT p.resource, p.action
      FROM user_roles ur
      JOIN role_permissions rp ON rp.role_id = ur.role_id
      JOIN permissions p ON p.id = rp.permission_id
     WHERE ur.user_id = of_user
$$;

-- The rights that an account has within a list: what is listed and the account has, and what the account has and something listed grants.
CREATE FUNCTION rights_within(of_user integer, listed text[]) RETURNS TABLE (resource text, action text) LANGUAGE sql STABLE AS $$
    WITH held AS MATERIALIZED (
        SELECT h.resource, h.action FROM rights_of(of_user) h
    ), allowed AS MATERIALIZED (
        SELECT split_part(written, ':', 1) AS resource, split_part(written, ':', 2) AS action FROM unnest(listed) AS written
    )
    SELECT a.resource, a.action
      FROM allowed a
     WHERE EXISTS (SELECT FROM held h WHERE right_grants(h.resource, h.action, a.resource, a.action))
     UNION
    SELECT h.resource, h.action
      FROM held h
     WHERE EXISTS (SELECT FROM allowed a WHERE right_grants(a.resource, a.action, h.resource, h.action))
$$;

-- The account that acts by a key, its roles and the extras, in the same shape as for an access token; null when there is no such key, it has
-- expired, or may not be used from this address. Of an inactive account it says only that it is inactive.
--
-- A key with a list of permissions acts with no other rights: it has no roles, is no administrator, and the extra `permissions` holds those of
-- the list that the account has now. Rights of the list that no permission of the installation has are in `unnamed_permissions`. A list with
-- `admin:all` leaves out nothing.
--
-- The hour of the last use is written once an hour, however often the key is used: the update only runs when the stored hour is older, and
-- does not wait for another one. It may be lost in a crash, so the answer does not wait for the disk. In a database that is read-only for
-- the moment, a key works without it.
CREATE FUNCTION caller_by_key(of_hash bytea, client_address text, extras text[])
RETURNS text LANGUAGE plpgsql VOLATILE SET plan_cache_mode TO force_generic_plan AS $$
DECLARE
    found_key record;
    this_hour timestamptz := date_trunc('hour', now(), 'UTC');
BEGIN
    SELECT k.id, k.user_id, k.last_used_at, u.is_active,
           CASE WHEN 'admin:all' <> ALL (k.permissions) THEN k.permissions END AS listed
      INTO found_key
      FROM api_keys k
      JOIN users u ON u.id = k.user_id
     WHERE k.key_hash = of_hash
       AND (k.expires_at IS NULL OR k.expires_at > now())
       AND (k.addresses IS NULL OR client_address::inet <<= ANY (k.addresses));
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF NOT found_key.is_active THEN
        RETURN json_build_object('is_active', false)::text;
    END IF;
    IF coalesce(found_key.last_used_at < this_hour, true) AND NOT current_setting('transaction_read_only')::boolean THEN
        PERFORM set_config('synchronous_commit', 'off', true);
        UPDATE api_keys
           SET last_used_at = this_hour
         WHERE id = (
                   SELECT k.id FROM api_keys k
                    WHERE k.id = found_key.id AND (k.last_used_at IS NULL OR k.last_used_at < this_hour)
                      FOR NO KEY UPDATE SKIP LOCKED
               );
    END IF;
    RETURN (
        SELECT json_build_object(
                   'is_active', true,
                   'api_key', found_key.id,
                   'user', to_jsonb(a) || jsonb_build_object('is_admin', a.is_admin AND found_key.listed IS NULL),
                   'roles', CASE WHEN found_key.listed IS NULL THEN ARRAY(
                       SELECT r.name FROM user_roles ur JOIN roles r ON r.id = ur.role_id
                        WHERE ur.user_id = a.id
                        ORDER BY r.name
                   ) ELSE '{}' END,
                   'extras', json_build_object(
                       'permissions', CASE
                           WHEN 'permissions' <> ALL (extras) THEN NULL
                           WHEN found_key.listed IS NULL THEN ARRAY(
                               SELECT to_json(p) FROM permissions p
                                WHERE p.id IN (
                                    SELECT rp.permission_id
                                      FROM user_roles ur JOIN role_permissions rp ON rp.role_id = ur.role_id
                                     WHERE ur.user_id = a.id
                                )
                                ORDER BY p.id
                           )
                           ELSE ARRAY(
                               SELECT to_json(p) FROM permissions p
                                WHERE (p.resource, p.action) IN (
                                    SELECT w.resource, w.action FROM rights_within(a.id, found_key.listed) w
                                )
                                ORDER BY p.id
                           )
                       END,
                       'unnamed_permissions', CASE WHEN 'permissions' = ANY (extras) AND found_key.listed IS NOT NULL THEN ARRAY(
                           SELECT json_build_object('resource', w.resource, 'action', w.action)
                             FROM rights_within(a.id, found_key.listed) w
                            WHERE NOT EXISTS (
                                      SELECT FROM permissions p WHERE p.resource = w.resource AND p.action = w.action
                                  )
                            ORDER BY w.resource, w.action
                       ) END,
                       'profile', CASE WHEN 'profile' = ANY (extras) THEN (
                           SELECT to_jsonb(pr) FROM profiles pr WHERE pr.user_id = a.id
                       ) END
                   ),
                   'now', floor(extract(epoch FROM now()))::bigint
               )
          FROM accounts a
         WHERE a.id = found_key.user_id
    );
END
$$;

-- A key that another service asks about: the answer of `caller_by_key()` for an unknown address, and when the key was made and expires, in
-- seconds since 1970. No row when there is no such key.
CREATE FUNCTION presented_key(of_hash bytea) RETURNS TABLE (caller text, issued bigint, expires bigint) LANGUAGE sql VOLATILE AS $$
    SELECT caller_by_key(k.key_hash, NULL, '{permissions}'),
           floor(extract(epoch FROM k.created_at))::bigint,
           floor(extract(epoch FROM k.expires_at))::bigint
      FROM api_keys k
     WHERE k.key_hash = of_hash
$$;

-- Ends a key, and returns its account; null when there is no such key.
CREATE FUNCTION end_presented_key(of_hash bytea) RETURNS integer LANGUAGE sql VOLATILE AS $$
    DELETE FROM api_keys WHERE key_hash = of_hash RETURNING user_id
$$;

-- As in 0021, but nothing is recorded for the account of a program: nobody reads its e-mails.
CREATE OR REPLACE FUNCTION record_event(of_kind text, of_user integer, what jsonb) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    event bigint;
BEGIN
    IF EXISTS (SELECT FROM users WHERE id = of_user AND kind = 'service') THEN
        RETURN NULL;
    END IF;
    INSERT INTO outbox (kind, user_id, carries) VALUES (of_kind, of_user, coalesce(what, '{}')) RETURNING id INTO event;
    PERFORM pg_notify('outbox', '');
    RETURN event;
END
$$;

-- As in 0003, but the account of a program does not count: nobody could log in to it and make somebody else an administrator.
CREATE OR REPLACE FUNCTION an_administrator_remains(
    without_users integer[],
    without_role integer,
    role_of_user integer,
    without_permission integer
) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('users: administrators', 0));
    RETURN EXISTS (
        SELECT FROM users u
         WHERE u.is_admin AND u.is_active AND u.kind = 'person' AND u.id <> ALL (coalesce(without_users, '{}'))
    ) OR EXISTS (
        SELECT FROM permissions p
          JOIN role_permissions rp ON rp.permission_id = p.id
          JOIN user_roles ur ON ur.role_id = rp.role_id
          JOIN users u ON u.id = ur.user_id
         WHERE p.resource = 'admin' AND p.action = 'all'
           AND u.is_active
           AND u.kind = 'person'
           AND u.id <> ALL (coalesce(without_users, '{}'))
           AND p.id IS DISTINCT FROM without_permission
           AND NOT coalesce(ur.role_id = without_role AND ur.user_id = coalesce(role_of_user, ur.user_id), false)
    );
END
$$;

-- Accounts of programs that a downgrade has left behind. The index on `email_key` finds them.
UPDATE users
   SET kind = 'service'
 WHERE email_key >= 'service:' AND email_key < 'service;' AND email = 'service:' || id AND password_hash = '';
