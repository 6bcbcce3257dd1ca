-- Roles that require a second factor. Such a role counts for a caller who has proved one: in a session of an account that has a factor, or by an
-- API key that was made in such a session (0043). For everybody else, it is as if they did not have the role. `is_admin` is no role, and
-- counts for everybody.
--
-- Who administrates and may not be the last to go (an_administrator_remains() of 0030) does not depend on it: the holder of such a role can set up
-- a factor without the help of anybody. For the same reason, their accounts are left to administrators (refusal_to_change_accounts() of 0031).

-- The lock of the view comes first, as in every statement that reads it; otherwise the two could wait for each other.
LOCK TABLE roles_with_permissions IN ACCESS EXCLUSIVE MODE;

ALTER TABLE roles ADD COLUMN requires_second_factor boolean NOT NULL DEFAULT false;

CREATE OR REPLACE VIEW roles_with_permissions AS
SELECT r.id, r.name, r.description, r.is_default,
       (
           SELECT coalesce(jsonb_agg(to_jsonb(p) ORDER BY p.id), '[]')
             FROM role_permissions rp JOIN permissions p ON p.id = rp.permission_id
            WHERE rp.role_id = r.id
       ) AS permissions,
       r.requires_second_factor
  FROM roles r;

-- As in 0040, without the roles that require a second factor unless the session has proved one.
CREATE OR REPLACE FUNCTION caller_by_token(of_user integer, of_session bigint, of_kid text, extras text[])
RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    account json;
    role_names text[];
    role_ids integer[];
    is_active boolean;
    permissions json[];
    profile jsonb;
    authentication json;
    public_key text;
BEGIN
    SELECT to_json(a), coalesce(held.names, '{}'), held.ids
      INTO account, role_names, role_ids
      FROM sessions s
      JOIN accounts a ON a.id = s.user_id
     CROSS JOIN LATERAL (
         SELECT array_agg(r.name ORDER BY r.name) AS names, array_agg(r.id) AS ids
           FROM user_roles ur JOIN roles r ON r.id = ur.role_id
          WHERE ur.user_id = a.id
            AND (NOT r.requires_second_factor OR (s.factor_at IS NOT NULL AND EXISTS (
                    SELECT FROM users u WHERE u.id = a.id AND u.factors_since IS NOT NULL
                )))
     ) AS held
     WHERE s.id = of_session AND s.user_id = of_user AND s.expires_at > now() AND a.is_active;
    IF account IS NULL THEN
        role_names := '{}';
        is_active := (SELECT false FROM users u WHERE u.id = of_user AND NOT u.is_active);
    ELSE
        IF 'permissions' = ANY (extras) THEN
            permissions := ARRAY(
                SELECT to_json(p) FROM permissions p
                 WHERE p.id IN (
                     SELECT rp.permission_id FROM role_permissions rp WHERE rp.role_id = ANY (role_ids)
                 )
                 ORDER BY p.id
            );
        END IF;
        IF 'profile' = ANY (extras) THEN
            profile := (SELECT to_jsonb(pr) FROM profiles pr WHERE pr.user_id = of_user);
        END IF;
        IF 'authentication' = ANY (extras) THEN
            authentication := (
                SELECT json_build_object(
                           'time', floor(extract(epoch FROM coalesce(s.authenticated_at, s.created_at)))::bigint,
                           'factor_time', floor(extract(epoch FROM s.factor_at))::bigint,
                           'methods', coalesce(s.methods, '{pwd}'),
                           'has_factor', u.factors_since IS NOT NULL
                       )
                  FROM sessions s JOIN users u ON u.id = s.user_id
                 WHERE s.id = of_session
            );
        END IF;
    END IF;
    public_key := (SELECT encode(k.public_key, 'base64') FROM signing_keys k WHERE k.kid = of_kid AND k.revoked_at IS NULL);
    RETURN json_build_object(
        'user', account,
        'roles', role_names,
        'extras', json_build_object('permissions', permissions, 'profile', profile, 'authentication', authentication),
        'is_active', is_active,
        'key', public_key,
        'now', floor(extract(epoch FROM now()))::bigint
    );
END
$$;

-- What the roles of an account grant, with or without those that require a second factor, and `admin:all` for an administrator. The functions of
-- 0030 stay for statements that run while this is applied.
CREATE FUNCTION rights_of(of_user integer, proved boolean) RETURNS TABLE (resource text, action text) LANGUAGE sql STABLE AS $$
    SELECT 'admin', 'all' FROM users u WHERE u.id = of_user AND u.is_admin
     UNION
    SELECT p.resource, p.action
      FROM user_roles ur
      JOIN roles r ON r.id = ur.role_id
      JOIN role_permissions rp ON rp.role_id = ur.role_id
      JOIN permissions p ON p.id = rp.permission_id
     WHERE ur.user_id = of_user AND (NOT r.requires_second_factor OR proved)
$$;

-- As in 0030, of these rights.
CREATE FUNCTION rights_within(of_user integer, listed text[], proved boolean) RETURNS TABLE (resource text, action text) LANGUAGE sql STABLE AS $$
    WITH held AS MATERIALIZED (
        SELECT h.resource, h.action FROM rights_of(of_user, proved) h
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

-- As in 0030, without the roles that require a second factor unless the key was made with one, and the account still has one. The account of a
-- program has none: the key alone decides.
CREATE OR REPLACE FUNCTION caller_by_key(of_hash bytea, client_address text, extras text[])
RETURNS text LANGUAGE plpgsql VOLATILE SET plan_cache_mode TO force_generic_plan AS $$
DECLARE
    found_key record;
    this_hour timestamptz := date_trunc('hour', now(), 'UTC');
BEGIN
    SELECT k.id, k.user_id, k.last_used_at, u.is_active,
           CASE WHEN 'admin:all' <> ALL (k.permissions) THEN k.permissions END AS listed,
           k.second_factor AND (u.kind = 'service' OR u.factors_since IS NOT NULL) AS proved
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
                        WHERE ur.user_id = a.id AND (NOT r.requires_second_factor OR found_key.proved)
                        ORDER BY r.name
                   ) ELSE '{}' END,
                   'extras', json_build_object(
                       'permissions', CASE
                           WHEN 'permissions' <> ALL (extras) THEN NULL
                           WHEN found_key.listed IS NULL THEN ARRAY(
                               SELECT to_json(p) FROM permissions p
                                WHERE p.id IN (
                                    SELECT rp.permission_id
                                      FROM user_roles ur
                                      JOIN roles r ON r.id = ur.role_id
                                      JOIN role_permissions rp ON rp.role_id = ur.role_id
                                     WHERE ur.user_id = a.id AND (NOT r.requires_second_factor OR found_key.proved)
                                )
                                ORDER BY p.id
                           )
                           ELSE ARRAY(
                               SELECT to_json(p) FROM permissions p
                                WHERE (p.resource, p.action) IN (
                                    SELECT w.resource, w.action FROM rights_within(a.id, found_key.listed, found_key.proved) w
                                )
                                ORDER BY p.id
                           )
                       END,
                       'unnamed_permissions', CASE WHEN 'permissions' = ANY (extras) AND found_key.listed IS NOT NULL THEN ARRAY(
                           SELECT json_build_object('resource', w.resource, 'action', w.action)
                             FROM rights_within(a.id, found_key.listed, found_key.proved) w
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

-- A replaced function forgets whose rights it has.
DO $$
DECLARE
    routine text;
BEGIN
    FOREACH routine IN ARRAY ARRAY['caller_by_token(integer, bigint, text, text[])', 'caller_by_key(bytea, text, text[])'] LOOP
        EXECUTE format(
            'ALTER FUNCTION %s SECURITY DEFINER SET search_path = pg_catalog, %I, pg_temp', routine, current_schema()
        );
    END LOOP;
END
$$;

-- As in 0031, with the mark of a role that requires a second factor; null if the mark stays. A role that loses it gives all of its permissions to
-- those who have it and have proved no factor. The function without the mark stays for replicas of the release before, and for deletions.
CREATE FUNCTION refusal_to_change_role(
    caller integer,
    caller_rights text[],
    of_role integer,
    permission_ids integer[],
    as_default boolean,
    as_strict boolean
) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    refusal text := refusal_to_change_role(caller, caller_rights, of_role, permission_ids, as_default);
BEGIN
    IF refusal IS NOT NULL
       OR coalesce(as_strict, true)
       OR NOT EXISTS (SELECT FROM roles WHERE id = of_role AND requires_second_factor)
    THEN
        RETURN refusal;
    END IF;
    RETURN refusal_to_give_permissions(caller, caller_rights, coalesce(permission_ids, ARRAY(
        SELECT permission_id FROM role_permissions WHERE role_id = of_role
    )));
END
$$;

DO $$
DECLARE
    routine text;
BEGIN
    FOREACH routine IN ARRAY ARRAY[
        'rights_of(integer, boolean)', 'rights_within(integer, text[], boolean)',
        'refusal_to_change_role(integer, text[], integer, integer[], boolean, boolean)'
    ] LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', routine);
    END LOOP;
    EXECUTE format(
        'ALTER FUNCTION refusal_to_change_role(integer, text[], integer, integer[], boolean, boolean)
            SECURITY DEFINER SET search_path = pg_catalog, %I, pg_temp',
        current_schema()
    );
END
$$;

UPDATE component_rights SET columns = columns || '{requires_second_factor}'
 WHERE component = 'rbac' AND verb IN ('INSERT', 'UPDATE') AND object = 'roles';
UPDATE component_rights SET columns = columns || '{kind,factors_since}'
 WHERE component = 'rbac' AND verb = 'SELECT' AND object = 'users';

INSERT INTO component_rights (component, verb, object) VALUES
    ('rbac', 'EXECUTE', 'refusal_to_change_role(integer,text[],integer,integer[],boolean,boolean)');
