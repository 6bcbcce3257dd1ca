-- A default role never grants `admin:all`: whoever registers would be an administrator.
--
-- Triggers refuse every change that would end in such a role, whoever makes it: a component, a replica of the release before,
-- usersctl, or an operator with psql. They report a constraint, `roles_default_administrates`, that the code maps to an answer.

-- Waits until no other statement changes who is an administrator. The lock is that of an_administrator_remains() in 0003, and is
-- held until the statement is committed. A statement that will fire one of the triggers below takes it first, before it locks a
-- row: otherwise two statements could wait for each other.
CREATE FUNCTION lock_administrators() RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('users: administrators', 0));
END
$$;

-- Looks at all default roles once the lock is had, so that of two changes that are harmless alone the second one is refused.
CREATE FUNCTION refuse_default_administrators() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM lock_administrators();
    IF EXISTS (
        SELECT FROM permissions p
          JOIN role_permissions rp ON rp.permission_id = p.id
          JOIN roles r ON r.id = rp.role_id
         WHERE p.resource = 'admin' AND p.action = 'all' AND r.is_default
    ) THEN
        RAISE EXCEPTION 'a default role would grant admin:all'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'roles_default_administrates';
    END IF;
    RETURN NULL;
END
$$;

-- Changes of the three tables wait from here on, so that none slips through between the triggers and the repair.
SELECT lock_administrators();
LOCK TABLE roles, role_permissions, permissions IN SHARE ROW EXCLUSIVE MODE;

-- A new role grants nothing yet, so only its grants are looked at.
CREATE TRIGGER roles_default_administrates AFTER UPDATE OF is_default ON roles
    FOR EACH ROW WHEN (NEW.is_default AND NOT OLD.is_default)
    EXECUTE FUNCTION refuse_default_administrators();

CREATE TRIGGER role_permissions_default_administrates AFTER INSERT OR UPDATE ON role_permissions
    FOR EACH ROW EXECUTE FUNCTION refuse_default_administrators();

CREATE TRIGGER permissions_default_administrates AFTER UPDATE OF resource, action ON permissions
    FOR EACH ROW WHEN (
        NEW.resource = 'admin' AND NEW.action = 'all' AND NOT (OLD.resource = 'admin' AND OLD.action = 'all')
    )
    EXECUTE FUNCTION refuse_default_administrators();

-- Default roles that grant `admin:all` already are no defaults any more: accounts that register from now on do not get them.
-- Their holders keep them.
UPDATE roles r
   SET is_default = false
 WHERE r.is_default
   AND EXISTS (
       SELECT FROM role_permissions rp JOIN permissions p ON p.id = rp.permission_id
        WHERE rp.role_id = r.id AND p.resource = 'admin' AND p.action = 'all'
   );
