-- Lost: when and how the owners of sessions have proved who they are.
DELETE FROM component_rights WHERE component = 'auth' AND verb = 'UPDATE' AND object = 'sessions';

UPDATE component_rights SET columns = array_remove(array_remove(array_remove(columns, 'authenticated_at'), 'factor_at'), 'methods')
 WHERE component = 'auth' AND verb = 'INSERT' AND object = 'sessions';

CREATE OR REPLACE FUNCTION caller_by_token(of_user integer, of_session bigint, of_kid text, extras text[])
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

-- A replaced function forgets whose rights it has.
DO $$
BEGIN
    EXECUTE format(
        'ALTER FUNCTION caller_by_token(integer, bigint, text, text[]) SECURITY DEFINER SET search_path = pg_catalog, %I, pg_temp',
        current_schema()
    );
END
$$;

ALTER TABLE sessions
    DROP COLUMN IF EXISTS authenticated_at,
    DROP COLUMN IF EXISTS factor_at,
    DROP COLUMN IF EXISTS methods;
