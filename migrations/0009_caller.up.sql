-- Who a token names: the account, its roles, whether the session still is, and, when asked for, what the roles grant and the
-- profile, as the guard of every route behind a token reads them in one statement.
--
-- It is a function because of its plan. Components cannot keep prepared statements, so a statement of this size is planned
-- anew each time, which takes three times as long as running it; what is in a PL/pgSQL function is planned once for each
-- connection. A later release that wants other columns makes another function beside this one (docs/ARCHITECTURE.md,
-- invariant 9).
CREATE FUNCTION caller(of_user integer, of_session bigint, with_permissions boolean, with_profile boolean)
RETURNS TABLE (
    id integer,
    email text,
    full_name text,
    is_active boolean,
    is_admin boolean,
    created_at timestamp,
    updated_at timestamp,
    roles text[],
    permissions text,
    profile text,
    has_session boolean,
    now bigint
) LANGUAGE plpgsql STABLE ROWS 1 AS $$
#variable_conflict use_column
BEGIN
    SELECT u.id, u.email, u.full_name, u.is_active, u.is_admin,
           u.created_at AT TIME ZONE 'UTC',
           u.updated_at AT TIME ZONE 'UTC',
           ARRAY(
               SELECT r.name FROM user_roles ur JOIN roles r ON r.id = ur.role_id
                WHERE ur.user_id = u.id
                ORDER BY r.name
           ),
           EXISTS (
               SELECT FROM sessions s WHERE s.id = of_session AND s.user_id = u.id AND s.expires_at > now()
           ),
           floor(extract(epoch FROM now()))::bigint
      INTO id, email, full_name, is_active, is_admin, created_at, updated_at, roles, has_session, now
      FROM users u
     WHERE u.id = of_user;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    -- Statements of their own: with these within the first one, and a parameter that says whether, Postgres would find a plan
    -- for each value cheaper than one for all, and plan each time again. All see the same snapshot, as the function is STABLE.
    IF with_permissions THEN
        permissions := (
            SELECT jsonb_agg(to_jsonb(p) ORDER BY p.id) FROM permissions p
             WHERE p.id IN (
                 SELECT rp.permission_id
                   FROM user_roles ur JOIN role_permissions rp ON rp.role_id = ur.role_id
                  WHERE ur.user_id = of_user
             )
        );
    END IF;
    IF with_profile THEN
        profile := (SELECT to_jsonb(pr) FROM profiles pr WHERE pr.user_id = of_user);
    END IF;
    RETURN NEXT;
END
$$;
