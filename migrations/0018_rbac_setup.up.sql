-- What `usersctl setup-rbac` has set up, a row for each thing: it sets up nothing twice, so what an operator removes or renames
-- does not come back. A later release adds things of its own.
CREATE TABLE rbac_setup (
    -- `permission NAME`, `role NAME`, `role NAME is default` or `role NAME grants NAME`.
    thing text NOT NULL,
    set_up_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT rbac_setup_pkey PRIMARY KEY (thing)
);

-- The release before remembered nothing. Where a role or a permission was ever made, its setup-rbac has run, so everything that it
-- sets up was there once. The sequences tell that even when all roles and permissions are deleted.
INSERT INTO rbac_setup (thing)
SELECT thing
  FROM unnest(ARRAY[
           'permission user:read',
           'permission user:write',
           'permission admin:all',
           'role user',
           'role user is default',
           'role user grants user:read',
           'role moderator',
           'role moderator grants user:read',
           'role moderator grants user:write',
           'role admin',
           'role admin grants admin:all'
       ]) AS thing
 WHERE EXISTS (SELECT FROM roles)
    OR EXISTS (SELECT FROM permissions)
    OR pg_sequence_last_value(pg_get_serial_sequence('roles', 'id')) IS NOT NULL
    OR pg_sequence_last_value(pg_get_serial_sequence('permissions', 'id')) IS NOT NULL;
