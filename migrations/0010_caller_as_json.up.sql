-- Who a token names, as caller() of 0009 tells it, but as one JSON text: twelve columns of a set cost Postgres, the host and
-- the component more than what is read for them. caller() stays for replicas of the releases before, and goes with a later one.
--
-- What is only read when it is asked for is part of the one statement. Postgres would find a plan in which it is folded away
-- cheaper than the one for all, and plan each time anew; so it is told to keep the one for all.
CREATE FUNCTION caller_as_json(of_user integer, of_session bigint, with_permissions boolean, with_profile boolean)
RETURNS text LANGUAGE plpgsql STABLE SET plan_cache_mode TO force_generic_plan AS $$
BEGIN
    RETURN (
        SELECT json_build_object(
                   'user', json_build_object(
                       'id', u.id,
                       'email', u.email,
                       'full_name', u.full_name,
                       'is_active', u.is_active,
                       'is_admin', u.is_admin,
                       'created_at', u.created_at,
                       'updated_at', u.updated_at
                   ),
                   'roles', ARRAY(
                       SELECT r.name FROM user_roles ur JOIN roles r ON r.id = ur.role_id
                        WHERE ur.user_id = u.id
                        ORDER BY r.name
                   ),
                   'permissions', CASE WHEN with_permissions THEN ARRAY(
                       SELECT to_json(p) FROM permissions p
                        WHERE p.id IN (
                            SELECT rp.permission_id
                              FROM user_roles ur JOIN role_permissions rp ON rp.role_id = ur.role_id
                             WHERE ur.user_id = u.id
                        )
                        ORDER BY p.id
                   ) ELSE '{}' END,
                   'profile', CASE WHEN with_profile THEN (
                       SELECT to_jsonb(pr) FROM profiles pr WHERE pr.user_id = u.id
                   ) END,
                   'has_session', EXISTS (
                       SELECT FROM sessions s WHERE s.id = of_session AND s.user_id = u.id AND s.expires_at > now()
                   ),
                   'now', floor(extract(epoch FROM now()))::bigint
               )
          FROM users u
         WHERE u.id = of_user
    );
END
$$;
