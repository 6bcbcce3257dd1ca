-- Lost: which addresses are verified.
-- The view first, for the reason in the up file.
LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE;
DROP TRIGGER IF EXISTS users_end_links ON users;
DROP FUNCTION IF EXISTS end_links_of_changed_account();
-- A view cannot lose a column, so it is made anew, with the functions that use it.
DROP FUNCTION IF EXISTS caller_as_json(integer, bigint, text[]);
DROP FUNCTION IF EXISTS account(users);
DROP VIEW IF EXISTS accounts;
ALTER TABLE users DROP COLUMN IF EXISTS email_verified;

CREATE VIEW accounts AS
SELECT id, email, full_name, is_active, is_admin, created_at, updated_at FROM users;

-- An account as the view shows it, for a row that the view does not show yet: one that the same statement writes.
CREATE FUNCTION account(of_user users) RETURNS accounts LANGUAGE sql STABLE AS $$
    SELECT jsonb_populate_record(NULL::accounts, to_jsonb(of_user))
$$;

-- The account that a token names, its roles, and whether the session exists, as caller_as_json() of 0010 answers it. The extras
-- are read only when they are asked for by name: permissions (what the roles grant), profile. A later extra is another name here.
-- The function of 0010 stays for replicas of the release before.
--
-- One generic plan serves all lists of extras. Postgres would rate a plan for each list as cheaper, and plan each time anew.
CREATE FUNCTION caller_as_json(of_user integer, of_session bigint, extras text[])
RETURNS text LANGUAGE plpgsql STABLE SET plan_cache_mode TO force_generic_plan AS $$
BEGIN
    RETURN (
        SELECT json_build_object(
                   'user', to_json(a),
                   'roles', ARRAY(
                       SELECT r.name FROM user_roles ur JOIN roles r ON r.id = ur.role_id
                        WHERE ur.user_id = a.id
                        ORDER BY r.name
                   ),
                   'extras', json_build_object(
                       'permissions', CASE WHEN 'permissions' = ANY (extras) THEN ARRAY(
                           SELECT to_json(p) FROM permissions p
                            WHERE p.id IN (
                                SELECT rp.permission_id
                                  FROM user_roles ur JOIN role_permissions rp ON rp.role_id = ur.role_id
                                 WHERE ur.user_id = a.id
                            )
                            ORDER BY p.id
                       ) END,
                       'profile', CASE WHEN 'profile' = ANY (extras) THEN (
                           SELECT to_jsonb(pr) FROM profiles pr WHERE pr.user_id = a.id
                       ) END
                   ),
                   'has_session', EXISTS (
                       SELECT FROM sessions s WHERE s.id = of_session AND s.user_id = a.id AND s.expires_at > now()
                   ),
                   'now', floor(extract(epoch FROM now()))::bigint
               )
          FROM accounts a
         WHERE a.id = of_user
    );
END
$$;
