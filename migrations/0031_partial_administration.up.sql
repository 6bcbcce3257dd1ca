-- The permissions `accounts:write` and `rbac:write` let a caller administrate a part: other people's accounts, or roles and permissions.
-- Such a caller neither changes what belongs to administrators, nor gives rights that the caller lacks. The functions below decide that
-- in the statement that makes the change, under the lock of everything that makes an administrator or takes one away (0003, 0017).
--
-- `caller` is the account of such a caller. It is null for an administrator, whom nothing is refused. `caller_rights` are the rights with
-- which the request came, as `resource:action`: an API key may have fewer than its owner. A right counts if the request came with it and
-- the account still has it.
--
-- A refusal is `administrator` if the change is left to administrators, `rights` if it would give rights that the caller lacks, and null
-- if the change is allowed.

-- True if one of these rights covers the right to an action on a resource, by the rule of crates/policy.
CREATE FUNCTION covers_right(held text[], of_resource text, of_action text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT held && ARRAY['admin:all', of_resource || ':all', of_resource || ':' || of_action]
$$;

-- The rights of an account that is active, as `resource:action`.
CREATE FUNCTION active_rights_of(of_user integer) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY(
        SELECT 'admin:all' FROM users u WHERE u.id = of_user AND u.is_active AND u.is_admin
         UNION
        SELECT p.resource || ':' || p.action
          FROM users u
          JOIN user_roles ur ON ur.user_id = u.id
          JOIN role_permissions rp ON rp.role_id = ur.role_id
          JOIN permissions p ON p.id = rp.permission_id
         WHERE u.id = of_user AND u.is_active
    )
$$;

-- The refusal to change these accounts: one of them belongs to an administrator, active or not.
CREATE FUNCTION refusal_to_change_accounts(caller integer, of_users integer[]) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF caller IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM lock_administrators();
    IF EXISTS (
        SELECT FROM users WHERE id = ANY (of_users) AND is_admin
    ) OR EXISTS (
        SELECT FROM user_roles ur
          JOIN role_permissions rp ON rp.role_id = ur.role_id
          JOIN permissions p ON p.id = rp.permission_id
         WHERE ur.user_id = ANY (of_users) AND p.resource = 'admin' AND p.action = 'all'
    ) THEN
        RETURN 'administrator';
    END IF;
    RETURN NULL;
END
$$;

-- The refusal to give these permissions to somebody.
CREATE FUNCTION refusal_to_give_permissions(caller integer, caller_rights text[], permission_ids integer[]) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    held text[];
BEGIN
    IF caller IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM lock_administrators();
    held := active_rights_of(caller);
    IF EXISTS (
        SELECT FROM permissions
         WHERE id = ANY (permission_ids)
           AND NOT (covers_right(held, resource, action) AND covers_right(caller_rights, resource, action))
    ) THEN
        RETURN 'rights';
    END IF;
    RETURN NULL;
END
$$;

-- The refusal to give these roles to an account, or to a new one (null). Whoever gives a role may make an administrator, so
-- administrators take the lock, too: a caller who is changing the account at the same time then sees it.
CREATE FUNCTION refusal_to_give_roles(caller integer, caller_rights text[], to_user integer, role_ids integer[]) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF cardinality(role_ids) > 0 THEN
        PERFORM lock_administrators();
    END IF;
    RETURN coalesce(
        refusal_to_change_accounts(caller, ARRAY[to_user]),
        refusal_to_give_permissions(caller, caller_rights, ARRAY(
            SELECT rp.permission_id
              FROM role_permissions rp
             WHERE rp.role_id = ANY (role_ids)
               AND NOT EXISTS (SELECT FROM user_roles ur WHERE ur.user_id = to_user AND ur.role_id = rp.role_id)
        ))
    );
END
$$;

-- The refusal to hand out an account, as with a key for a program: who holds it has all rights of the account.
CREATE FUNCTION refusal_to_hand_out_account(caller integer, caller_rights text[], of_user integer) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF caller IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM lock_administrators();
    RETURN coalesce(
        refusal_to_change_accounts(caller, ARRAY[of_user]),
        refusal_to_give_permissions(caller, caller_rights, ARRAY(
            SELECT rp.permission_id
              FROM role_permissions rp JOIN user_roles ur ON ur.role_id = rp.role_id
             WHERE ur.user_id = of_user
        ))
    );
END
$$;

-- The refusal to change or delete a role. `permission_ids` is the new set of its permissions, or null if the set stays; `as_default` is
-- the new mark of a default role, or null. A role by which somebody administrates is left to administrators. A role gives the
-- permissions that it gains; a new default role gives all of its own, because whoever registers gets them.
CREATE FUNCTION refusal_to_change_role(
    caller integer,
    caller_rights text[],
    of_role integer,
    permission_ids integer[],
    as_default boolean
) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    was_default boolean;
BEGIN
    IF caller IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM lock_administrators();
    SELECT is_default INTO was_default FROM roles WHERE id = of_role;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF EXISTS (
        SELECT FROM user_roles ur
          JOIN role_permissions rp ON rp.role_id = ur.role_id
          JOIN permissions p ON p.id = rp.permission_id
         WHERE ur.role_id = of_role AND p.resource = 'admin' AND p.action = 'all'
    ) THEN
        RETURN 'administrator';
    END IF;
    RETURN refusal_to_give_permissions(caller, caller_rights, ARRAY(
        SELECT id
          FROM permissions
         WHERE CASE
                   WHEN as_default AND NOT was_default AND permission_ids IS NULL THEN
                       id IN (SELECT permission_id FROM role_permissions WHERE role_id = of_role)
                   WHEN as_default AND NOT was_default THEN
                       id = ANY (permission_ids)
                   ELSE
                       id = ANY (permission_ids)
                           AND id NOT IN (SELECT permission_id FROM role_permissions WHERE role_id = of_role)
               END
    ));
END
$$;

-- The refusal to change or delete a permission. `new_resource` and `new_action` are null if they stay. A permission by which somebody
-- administrates is left to administrators. One that a role grants gives its new right, unless that is a part of the former one.
CREATE FUNCTION refusal_to_change_permission(
    caller integer,
    caller_rights text[],
    of_permission integer,
    new_resource text,
    new_action text
) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    former record;
BEGIN
    IF caller IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM lock_administrators();
    SELECT resource, action INTO former FROM permissions WHERE id = of_permission;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF former.resource = 'admin' AND former.action = 'all' AND EXISTS (
        SELECT FROM role_permissions rp JOIN user_roles ur ON ur.role_id = rp.role_id
         WHERE rp.permission_id = of_permission
    ) THEN
        RETURN 'administrator';
    END IF;
    new_resource := coalesce(new_resource, former.resource);
    new_action := coalesce(new_action, former.action);
    IF NOT covers_right(ARRAY[former.resource || ':' || former.action], new_resource, new_action)
       AND NOT (
           covers_right(active_rights_of(caller), new_resource, new_action)
           AND covers_right(caller_rights, new_resource, new_action)
       )
       AND EXISTS (SELECT FROM role_permissions WHERE permission_id = of_permission)
    THEN
        RETURN 'rights';
    END IF;
    RETURN NULL;
END
$$;
