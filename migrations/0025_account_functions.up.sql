-- Functions that several components call, and those that need a fresh look under a lock.

-- The sessions of an account that have not expired, the newest first, as a JSON array. `of_caller` is the session of the request.
CREATE FUNCTION sessions_of(of_user integer, of_caller bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(
               json_agg(
                   json_build_object(
                       'id', s.id,
                       'created_at', s.created_at,
                       'last_used_at', coalesce(s.last_used_at, s.created_at),
                       'expires_at', s.expires_at,
                       'client', s.client,
                       'address', s.address,
                       'is_current', s.id = of_caller
                   )
                   ORDER BY s.created_at DESC, s.id DESC
               ),
               '[]'
           )::text
      FROM sessions s
     WHERE s.user_id = of_user AND s.expires_at > now()
$$;

-- True while an account has this session. The statement has locked the row of the account. A function because its query sees what was
-- committed while the statement waited for the lock: a recovery that ended the session, for example.
CREATE FUNCTION session_remains(of_user integer, of_session bigint) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM sessions WHERE id = of_session AND user_id = of_user AND expires_at > now());
END
$$;

-- True when an account may go: an active administrator is left without it, or it is no administrator's. Unlike
-- an_administrator_remains(), it lets an ordinary account go where nobody administrates. Each query looks under the lock.
CREATE FUNCTION may_go(of_user integer) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF an_administrator_remains(ARRAY[of_user], NULL, NULL, NULL) THEN
        RETURN true;
    END IF;
    RETURN NOT EXISTS (
        SELECT FROM users WHERE id = of_user AND is_admin
    ) AND NOT EXISTS (
        SELECT FROM user_roles ur
          JOIN role_permissions rp ON rp.role_id = ur.role_id
          JOIN permissions p ON p.id = rp.permission_id
         WHERE ur.user_id = of_user AND p.resource = 'admin' AND p.action = 'all'
    );
END
$$;
