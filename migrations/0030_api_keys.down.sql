-- Lost: API keys. Accounts of programs stay, as accounts without a password whose address is `service:` and their id; the up file finds them.
-- The view first, for the reason in the up file.
LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE;
DROP TRIGGER IF EXISTS users_end_api_keys ON users;
DROP FUNCTION IF EXISTS end_api_keys_of_reset_account();
DROP FUNCTION IF EXISTS end_presented_key(bytea);
DROP FUNCTION IF EXISTS presented_key(bytea);
DROP FUNCTION IF EXISTS caller_by_key(bytea, text, text[]);
DROP FUNCTION IF EXISTS rights_within(integer, text[]);
DROP FUNCTION IF EXISTS rights_of(integer);
DROP FUNCTION IF EXISTS right_grants(text, text, text, text);
DROP FUNCTION IF EXISTS add_service_api_key(integer, text, bytea, text[], text[], timestamptz, integer);
DROP FUNCTION IF EXISTS add_api_key(integer, text, bytea, text[], text[], timestamptz, integer);
DROP FUNCTION IF EXISTS api_keys_of(integer);
DROP FUNCTION IF EXISTS api_key_as_json(api_keys);
DROP TABLE IF EXISTS api_keys;

-- Records what has happened to an account, for those who must hear of it, and wakes the workers. Returns the id of the row.
--
-- In a statement with CTEs, read the result where Postgres cannot skip it: it never runs a SELECT that nothing reads.
CREATE OR REPLACE FUNCTION record_event(of_kind text, of_user integer, what jsonb) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    event bigint;
BEGIN
    INSERT INTO outbox (kind, user_id, carries) VALUES (of_kind, of_user, coalesce(what, '{}')) RETURNING id INTO event;
    PERFORM pg_notify('outbox', '');
    RETURN event;
END
$$;

CREATE OR REPLACE FUNCTION an_administrator_remains(
    without_users integer[],
    without_role integer,
    role_of_user integer,
    without_permission integer
) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('users: administrators', 0));
    RETURN EXISTS (
        SELECT FROM users u
         WHERE u.is_admin AND u.is_active AND u.id <> ALL (coalesce(without_users, '{}'))
    ) OR EXISTS (
        SELECT FROM permissions p
          JOIN role_permissions rp ON rp.permission_id = p.id
          JOIN user_roles ur ON ur.role_id = rp.role_id
          JOIN users u ON u.id = ur.user_id
         WHERE p.resource = 'admin' AND p.action = 'all'
           AND u.is_active
           AND u.id <> ALL (coalesce(without_users, '{}'))
           AND p.id IS DISTINCT FROM without_permission
           AND NOT coalesce(ur.role_id = without_role AND ur.user_id = coalesce(role_of_user, ur.user_id), false)
    );
END
$$;

-- A view cannot lose a column, so it is made anew, with the function that returns its rows.
DROP FUNCTION IF EXISTS account(users);
DROP VIEW IF EXISTS accounts;
ALTER TABLE users DROP CONSTRAINT IF EXISTS users_kind, DROP COLUMN IF EXISTS kind;

CREATE VIEW accounts AS
SELECT id, email, full_name, is_active, is_admin, created_at, updated_at, email_verified FROM users;

-- An account as the view shows it, for a row that the view does not show yet: one that the same statement writes.
CREATE FUNCTION account(of_user users) RETURNS accounts LANGUAGE sql STABLE AS $$
    SELECT jsonb_populate_record(NULL::accounts, to_jsonb(of_user))
$$;
