-- Lost: which roles require a second factor. What they grant counts without one again.
-- The view first, for the reason in the up file.
LOCK TABLE roles_with_permissions IN ACCESS EXCLUSIVE MODE;

DELETE FROM component_rights
 WHERE verb = 'EXECUTE' AND object = 'refusal_to_change_role(integer,text[],integer,integer[],boolean,boolean)';
UPDATE component_rights SET columns = array_remove(columns, 'requires_second_factor')
 WHERE component = 'rbac' AND verb IN ('INSERT', 'UPDATE') AND object = 'roles';
UPDATE component_rights SET columns = array_remove(array_remove(columns, 'kind'), 'factors_since')
 WHERE component = 'rbac' AND verb = 'SELECT' AND object = 'users';

DROP FUNCTION IF EXISTS refusal_to_change_role(integer, text[], integer, integer[], boolean, boolean);

CREATE OR REPLACE FUNCTION caller_by_token(of_user integer, of_session bigint, of_kid text, extras text[])
RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    account json;
    role_names text[];
    is_active boolean;
    permissions json[];
    profile jsonb;
    authentication json;
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

CREATE OR REPLACE FUNCTION caller_by_key(of_hash bytea, client_address text, extras text[])
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

DROP FUNCTION IF EXISTS rights_within(integer, text[], boolean);
DROP FUNCTION IF EXISTS rights_of(integer, boolean);

-- A view cannot lose a column, so it is made anew.
DROP VIEW IF EXISTS roles_with_permissions;
ALTER TABLE roles DROP COLUMN IF EXISTS requires_second_factor;

CREATE VIEW roles_with_permissions AS
SELECT r.id, r.name, r.description, r.is_default,
       (
           SELECT coalesce(jsonb_agg(to_jsonb(p) ORDER BY p.id), '[]')
             FROM role_permissions rp JOIN permissions p ON p.id = rp.permission_id
            WHERE rp.role_id = r.id
       ) AS permissions
  FROM roles r;
