-- What each component may do in the database: a row for a right of a role.
--
-- The roles are `<prefix>_auth`, `<prefix>_users`, `<prefix>_rbac`, `<prefix>_profile`, `<prefix>_system` and `<prefix>_worker`. Roles belong to
-- the whole cluster, so no migration makes them: `usersctl migrate upgrade` does, or an operator. It then calls grant_rights(), which gives
-- the roles that exist the rights in this table, and takes all others from them. A later migration changes rows, and needs no GRANT.
--
-- The owner of the tables needs none of this. A deployment with one role for all goes on as before.
CREATE TABLE component_rights (
    component text NOT NULL,
    -- SELECT, INSERT, UPDATE or DELETE; USAGE for a sequence; EXECUTE for a function.
    verb text NOT NULL,
    -- A table, a view, a sequence, or a function with the types of its parameters, in this schema.
    object text NOT NULL,
    -- The columns that the verb is for; null is the whole object.
    columns text[],
    CONSTRAINT component_rights_pkey PRIMARY KEY (component, verb, object)
);

-- An account as the view shows it, also one that the same statement has just written: a VOLATILE function sees what its statement has
-- changed. Unlike account(users) of 0011, it needs no right to read the other columns of the account, such as the hash of its password.
CREATE FUNCTION account(of_user integer) RETURNS accounts LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    found accounts;
BEGIN
    SELECT * INTO found FROM accounts a WHERE a.id = of_user;
    RETURN found;
END
$$;

-- True when somebody has chosen a password for the account. It is VOLATILE so that it sees what was committed while its statement waited for
-- the lock on the account.
CREATE FUNCTION has_password(of_user integer) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN (SELECT u.password_hash <> '' FROM users u WHERE u.id = of_user);
END
$$;

-- Gives an account the roles that every account gets, and returns their number. The roles are locked, so that none of them is deleted between
-- being read and being granted.
CREATE FUNCTION grant_default_roles(of_user integer) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    granted bigint;
BEGIN
    WITH defaults AS (
        SELECT r.id FROM roles r WHERE r.is_default ORDER BY r.id FOR KEY SHARE
    )
    INSERT INTO user_roles (user_id, role_id) SELECT of_user, d.id FROM defaults d;
    GET DIAGNOSTICS granted = ROW_COUNT;
    RETURN granted;
END
$$;

-- Nobody deletes this account, or these roles, before the statement is committed. Each returns the ids of those that exist. To lock a row,
-- Postgres asks for the right to update it, which the callers do not have.
CREATE FUNCTION hold_account(of_user integer) RETURNS SETOF integer LANGUAGE plpgsql VOLATILE ROWS 1 AS $$
BEGIN
    RETURN QUERY SELECT u.id FROM users u WHERE u.id = of_user FOR KEY SHARE;
END
$$;

CREATE FUNCTION hold_roles(ids integer[], with_defaults boolean) RETURNS SETOF integer LANGUAGE plpgsql VOLATILE ROWS 10 AS $$
BEGIN
    RETURN QUERY
    SELECT r.id FROM roles r WHERE r.id = ANY (ids) OR (with_defaults AND r.is_default) ORDER BY r.id FOR KEY SHARE;
END
$$;

-- Gives the roles of the components the rights of `component_rights`, and takes all others on the objects of this schema from them, from their
-- two members, and from PUBLIC. Returns the number of statements that this took: none when nothing has changed. Roles that do not exist are left
-- out. So is a role that owns the tables, whatever its name.
--
-- It is one transaction: a component that is at work never lacks a right that it has before and after. Once there is a role, nobody but the
-- owner and these roles may connect to this database, and nobody but the owner may make objects in this schema or temporary tables in this
-- database, as far as the caller can say so.
CREATE FUNCTION grant_rights(prefix text) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    home oid := (SELECT c.relnamespace FROM pg_class c WHERE c.oid = 'component_rights'::regclass);
    owners oid[] := ARRAY(
        SELECT c.relowner FROM pg_class c WHERE c.oid = 'component_rights'::regclass
        UNION SELECT d.datdba FROM pg_database d WHERE d.datname = current_database()
    );
    change text;
    changes integer := 0;
    rounds integer := 0;
    changed boolean := true;
BEGIN
    -- A REVOKE of a table takes its columns along, and what a grantee has given to others, so it takes a second look to give these back.
    WHILE changed LOOP
        changed := false;
        rounds := rounds + 1;
        FOR change IN
            WITH role AS (
                SELECT DISTINCT r.component, g.oid, quote_ident(g.rolname) AS name
                  FROM component_rights r JOIN pg_roles g ON g.rolname = prefix || '_' || r.component
                 WHERE g.oid <> ALL (owners)
            ), grantee AS (
                SELECT role.oid, role.name FROM role
                UNION
                SELECT g.oid, quote_ident(g.rolname)
                  FROM role JOIN pg_roles g ON g.rolname IN (prefix || '_' || role.component || '_1', prefix || '_' || role.component || '_2')
                 WHERE g.oid <> ALL (owners)
                UNION
                SELECT 0, 'PUBLIC'
            ), ours AS (
                SELECT c.oid AS object, 'TABLE' AS kind
                  FROM pg_class c
                 WHERE c.relnamespace = home AND pg_has_role(c.relowner, 'USAGE')
                UNION ALL
                SELECT f.oid, 'FUNCTION'
                  FROM pg_proc f
                 WHERE f.pronamespace = home AND pg_has_role(f.proowner, 'USAGE')
                EXCEPT
                SELECT e.objid, 'TABLE' FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.deptype = 'e'
                EXCEPT
                SELECT e.objid, 'FUNCTION' FROM pg_depend e WHERE e.classid = 'pg_proc'::regclass AND e.deptype = 'e'
            ), wanted AS (
                SELECT role.oid AS role, 'TABLE' AS kind, c.oid AS object, coalesce(a.attname, '') AS part, r.verb, false AS with_option
                  FROM component_rights r
                  JOIN role USING (component)
                  JOIN pg_class c ON c.relnamespace = home AND c.relname = r.object
                  LEFT JOIN pg_attribute a
                    ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname = ANY (r.columns)
                 WHERE r.columns IS NULL OR a.attname IS NOT NULL
                UNION
                SELECT role.oid, 'FUNCTION', f.oid, '', r.verb, false
                  FROM component_rights r
                  JOIN role USING (component)
                  JOIN pg_proc f ON f.oid = CASE WHEN r.verb = 'EXECUTE' THEN to_regprocedure(
                           (SELECT quote_ident(n.nspname) FROM pg_namespace n WHERE n.oid = home) || '.' || r.object
                       ) END
            ), given AS (
                SELECT acl.grantee AS role, 'TABLE' AS kind, c.oid AS object, '' AS part, acl.privilege_type AS verb,
                       acl.is_grantable AS with_option
                  FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) AS acl
                 WHERE c.relnamespace = home
                UNION
                SELECT acl.grantee, 'TABLE', c.oid, a.attname, acl.privilege_type, acl.is_grantable
                  FROM pg_class c
                  JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
                 CROSS JOIN LATERAL aclexplode(a.attacl) AS acl
                 WHERE c.relnamespace = home
                UNION
                -- A dump that was restored without its rights has functions that everybody may call.
                SELECT acl.grantee, 'FUNCTION', f.oid, '', acl.privilege_type, acl.is_grantable
                  FROM pg_proc f CROSS JOIN LATERAL aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) AS acl
                 WHERE f.pronamespace = home
            ), missing AS (
                SELECT * FROM wanted EXCEPT SELECT * FROM given
            ), excess AS (
                SELECT given.role, given.kind, given.object, given.part, given.verb, given.with_option
                  FROM given JOIN grantee ON grantee.oid = given.role JOIN ours USING (object, kind)
                 WHERE given.role <> 0 OR given.kind = 'FUNCTION' OR EXISTS (SELECT FROM role)
                EXCEPT
                SELECT * FROM wanted
            ), differing AS (
                SELECT 'REVOKE %s%s ON %s %s FROM %s CASCADE' AS form, * FROM excess
                UNION ALL
                SELECT 'GRANT %s%s ON %s %s TO %s', * FROM missing
            )
            SELECT format(
                       d.form,
                       d.verb,
                       ' (' || string_agg(DISTINCT quote_ident(d.part), ', ') FILTER (WHERE d.part <> '') || ')',
                       d.kind,
                       CASE d.kind WHEN 'TABLE' THEN d.object::regclass::text ELSE d.object::regprocedure::text END,
                       grantee.name
                   )
              FROM differing d JOIN grantee ON grantee.oid = d.role
             GROUP BY d.form, d.verb, d.kind, d.object, grantee.name, d.part = ''
             ORDER BY d.form DESC
        LOOP
            -- The owner cannot take back what somebody else gave.
            IF rounds > 3 THEN
                RAISE EXCEPTION 'this statement changes nothing, because another role than the owner gave the right: %; let that role take it back', change;
            END IF;
            EXECUTE change;
            changes := changes + 1;
            changed := true;
        END LOOP;
    END LOOP;

    FOR change IN
        WITH role AS (
            SELECT DISTINCT r.component, g.oid, quote_ident(g.rolname) AS name
              FROM component_rights r JOIN pg_roles g ON g.rolname = prefix || '_' || r.component
             WHERE g.oid <> ALL (owners)
        ), grantee AS (
            SELECT role.oid, role.name FROM role
            UNION
            SELECT g.oid, quote_ident(g.rolname)
              FROM role JOIN pg_roles g ON g.rolname IN (prefix || '_' || role.component || '_1', prefix || '_' || role.component || '_2')
             WHERE g.oid <> ALL (owners)
            UNION
            SELECT 0, 'PUBLIC' WHERE EXISTS (SELECT FROM role)
        ), place AS (
            SELECT 'SCHEMA ' || quote_ident(n.nspname) AS name, coalesce(n.nspacl, acldefault('n', n.nspowner)) AS acl,
                   pg_has_role(n.nspowner, 'USAGE') AS is_owned
              FROM pg_namespace n
             WHERE n.oid = home
            UNION ALL
            SELECT 'DATABASE ' || quote_ident(d.datname), coalesce(d.datacl, acldefault('d', d.datdba)), pg_has_role(d.datdba, 'USAGE')
              FROM pg_database d
             WHERE d.datname = current_database()
        )
        SELECT format('GRANT USAGE ON %s TO %s', place.name, role.name)
          FROM role, place
         WHERE place.name LIKE 'SCHEMA %' AND NOT has_schema_privilege(role.oid, home, 'USAGE')
        UNION ALL
        -- Not by way of PUBLIC, which loses it next.
        SELECT format('GRANT CONNECT ON %s TO %s', place.name, role.name)
          FROM role, place
         WHERE place.name LIKE 'DATABASE %'
           AND place.is_owned
           AND NOT EXISTS (SELECT FROM aclexplode(place.acl) AS it WHERE it.grantee = role.oid AND it.privilege_type = 'CONNECT')
        UNION ALL
        SELECT DISTINCT format('REVOKE %s ON %s FROM %s CASCADE', it.privilege_type, place.name, grantee.name)
          FROM place
         CROSS JOIN LATERAL aclexplode(place.acl) AS it
          JOIN grantee ON grantee.oid = it.grantee
         WHERE place.is_owned
           AND (it.privilege_type IN ('CREATE', 'TEMPORARY') OR (it.privilege_type = 'CONNECT' AND it.grantee = 0))
    LOOP
        EXECUTE change;
        changes := changes + 1;
    END LOOP;
    RETURN changes;
END
$$;

-- The functions that the components call and that read or write tables run with the rights of their owner, so that nobody needs rights on
-- those tables. The search path is pinned: a caller cannot put a table of their own before ours. Temporary tables come last in it.
--
-- Functions are for those to whom a row gives them; everybody else loses them.
DO $$
DECLARE
    routine record;
BEGIN
    FOR routine IN
        SELECT p.oid::regprocedure AS signature, p.proname AS name
          FROM pg_proc p
         WHERE p.pronamespace = current_schema()::regnamespace
           AND p.proname IN (
                   'account', 'account_with_address', 'active_rights_of', 'add_api_key', 'add_service_api_key', 'add_signing_key',
                   'address_hash', 'an_administrator_remains', 'api_key_as_json', 'api_keys_of', 'attempts_after',
                   'begin_attempt', 'begin_check', 'begin_login', 'begin_message', 'caller', 'caller_as_json',
                   'caller_by_key', 'caller_by_token', 'compact_octets', 'count_attempt', 'count_login',
                   'covers_right', 'end_api_keys_of_reset_account', 'end_links', 'end_links_of_changed_account',
                   'end_other_sessions', 'end_presented_key', 'end_sessions', 'finish_login', 'grant_default_roles', 'grant_rights',
                   'has_password', 'hold_account', 'hold_roles', 'language_of', 'lease_hash_slot', 'leave_hash_slots',
                   'lock_administrators', 'lock_caller', 'makes_administrators', 'mark_email_key', 'mark_name_key',
                   'mark_search_text', 'mark_session_used', 'may_go', 'password_key', 'plan_signing_key', 'presented_key',
                   'profile_version', 'record_event', 'refusal_to_change_accounts', 'refusal_to_change_permission',
                   'refusal_to_change_role', 'refusal_to_give_permissions', 'refusal_to_give_roles',
                   'refusal_to_hand_out_account', 'refuse_default_administrators', 'remember_address',
                   'replace_email_change', 'retire_signing_keys', 'revoke_other_permissions', 'revoke_signing_key',
                   'right_grants', 'rights_of', 'rights_within', 'rotate_refresh_token',
                   'seconds_until_free', 'session_remains', 'sessions_of', 'settle_account_keys', 'settle_name_key',
                   'signing_key', 'signing_key_at', 'take_attempt_back', 'take_hash_slot', 'take_link',
                   'tell_of_guesses'
               )
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', routine.signature);
        IF routine.name IN (
            'account_with_address', 'add_api_key', 'add_service_api_key', 'add_signing_key', 'an_administrator_remains', 'api_keys_of',
            'begin_attempt', 'begin_check', 'begin_login', 'begin_message', 'caller_by_key', 'caller_by_token',
            'count_attempt', 'end_api_keys_of_reset_account', 'end_links', 'end_links_of_changed_account',
            'end_other_sessions', 'end_presented_key', 'end_sessions', 'finish_login', 'grant_default_roles', 'has_password',
            'hold_account', 'hold_roles', 'language_of', 'lease_hash_slot', 'lock_caller', 'may_go',
            'plan_signing_key', 'presented_key', 'record_event', 'refusal_to_change_accounts', 'refusal_to_change_permission',
            'refusal_to_change_role', 'refusal_to_give_permissions', 'refusal_to_give_roles',
            'refusal_to_hand_out_account', 'refuse_default_administrators', 'remember_address',
            'replace_email_change', 'retire_signing_keys', 'revoke_other_permissions', 'revoke_signing_key',
            'rotate_refresh_token', 'session_remains', 'sessions_of', 'signing_key',
            'signing_key_at', 'take_attempt_back', 'take_link', 'tell_of_guesses'
        ) THEN
            EXECUTE format(
                'ALTER FUNCTION %s SECURITY DEFINER SET search_path = pg_catalog, %I, pg_temp',
                routine.signature, current_schema()
            );
        END IF;
    END LOOP;
END
$$;

INSERT INTO component_rights (component, verb, object, columns) VALUES
    -- It opens accounts and sessions, but makes no administrator, and gives no role but the default ones.
    ('auth', 'SELECT', 'users', '{id,email,full_name,password_hash,is_active,updated_at,email_key,search_text,email_verified,failures_forgiven_at}'),
    ('auth', 'INSERT', 'users', '{email,full_name,password_hash,email_key,search_text}'),
    ('auth', 'UPDATE', 'users', '{email,password_hash,updated_at,email_key,search_text,email_verified,failures_forgiven_at}'),
    ('auth', 'DELETE', 'users', NULL),
    ('auth', 'SELECT', 'accounts', NULL),
    ('auth', 'SELECT', 'profiles', NULL),
    ('auth', 'SELECT', 'user_roles', NULL),
    ('auth', 'SELECT', 'roles', '{id,name}'),
    ('auth', 'SELECT', 'sessions', NULL),
    ('auth', 'INSERT', 'sessions', '{user_id,expires_at,client,address}'),
    ('auth', 'DELETE', 'sessions', NULL),
    ('auth', 'SELECT', 'refresh_tokens', NULL),
    ('auth', 'INSERT', 'refresh_tokens', '{token_hash,session_id,expires_at}'),
    ('auth', 'SELECT', 'known_addresses', '{user_id,last_login_at}'),
    ('auth', 'SELECT', 'one_time_tokens', NULL),
    ('auth', 'SELECT', 'outbox', NULL),
    ('auth', 'SELECT', 'hash_slots', '{slot,ticket}'),
    ('auth', 'UPDATE', 'hash_slots', '{leased_until}'),
    ('auth', 'SELECT', 'signing_keys', '{kid,public_key,signs_from,revoked_at}'),
    ('auth', 'SELECT', 'api_keys', '{id,user_id}'),
    ('auth', 'DELETE', 'api_keys', NULL),
    -- It writes the hash of a password for a new account, and reads none.
    ('users', 'SELECT', 'users', '{id,email,full_name,is_active,is_admin,updated_at,email_key,search_text,email_verified,kind}'),
    ('users', 'INSERT', 'users', '{id,email,full_name,password_hash,is_active,email_key,search_text,kind}'),
    ('users', 'USAGE', 'users_id_seq', NULL),
    ('users', 'UPDATE', 'users', '{email,full_name,is_active,is_admin,updated_at,email_key,search_text,email_verified}'),
    ('users', 'DELETE', 'users', NULL),
    ('users', 'SELECT', 'accounts', NULL),
    ('users', 'INSERT', 'user_roles', '{user_id,role_id}'),
    ('users', 'SELECT', 'hash_slots', '{slot,ticket}'),
    ('users', 'UPDATE', 'hash_slots', '{leased_until}'),
    ('users', 'SELECT', 'api_keys', '{id,user_id}'),
    ('users', 'DELETE', 'api_keys', NULL),
    -- It changes no account.
    ('rbac', 'SELECT', 'users', '{id,is_active,is_admin}'),
    ('rbac', 'SELECT', 'accounts', NULL),
    ('rbac', 'SELECT', 'roles', NULL),
    ('rbac', 'INSERT', 'roles', '{name,description,is_default,name_key}'),
    ('rbac', 'UPDATE', 'roles', '{name,description,is_default,name_key}'),
    ('rbac', 'DELETE', 'roles', NULL),
    ('rbac', 'SELECT', 'permissions', NULL),
    ('rbac', 'INSERT', 'permissions', '{name,description,resource,action,name_key}'),
    ('rbac', 'UPDATE', 'permissions', '{name,description,resource,action,name_key}'),
    ('rbac', 'DELETE', 'permissions', NULL),
    ('rbac', 'SELECT', 'role_permissions', NULL),
    ('rbac', 'INSERT', 'role_permissions', '{role_id,permission_id}'),
    ('rbac', 'SELECT', 'roles_with_permissions', NULL),
    ('rbac', 'SELECT', 'user_roles', NULL),
    ('rbac', 'INSERT', 'user_roles', '{user_id,role_id}'),
    ('rbac', 'DELETE', 'user_roles', NULL),
    ('profile', 'SELECT', 'users', '{id,full_name,updated_at,search_text}'),
    ('profile', 'UPDATE', 'users', '{full_name,updated_at,search_text}'),
    ('profile', 'SELECT', 'accounts', NULL),
    ('profile', 'SELECT', 'profiles', NULL),
    ('profile', 'INSERT', 'profiles', '{user_id,is_created,bio,avatar_url,location,website,phone_number,birth_date,preferences}'),
    ('profile', 'UPDATE', 'profiles', '{is_created,bio,avatar_url,location,website,phone_number,birth_date,preferences,created_at,updated_at}'),
    ('profile', 'DELETE', 'profiles', NULL),
    ('system', 'SELECT', 'users_schema_migrations', '{version,success}'),
    -- To lock rows before it deletes them, Postgres asks for the right to update a column: the one that matters least.
    ('worker', 'SELECT', 'users', '{id,is_active}'),
    ('worker', 'SELECT', 'outbox', '{id,kind,user_id,carries,next_attempt_at,attempts,last_error,failing_since,begun_at,sent_at,failed_at}'),
    ('worker', 'UPDATE', 'outbox', '{carries,next_attempt_at,last_error,failing_since,sent_at,failed_at}'),
    ('worker', 'DELETE', 'outbox', NULL),
    ('worker', 'SELECT', 'one_time_tokens', '{token_hash,expires_at}'),
    ('worker', 'UPDATE', 'one_time_tokens', '{created_at}'),
    ('worker', 'DELETE', 'one_time_tokens', NULL),
    ('worker', 'SELECT', 'sessions', '{id,expires_at}'),
    ('worker', 'UPDATE', 'sessions', '{client}'),
    ('worker', 'DELETE', 'sessions', NULL),
    ('worker', 'SELECT', 'refresh_tokens', '{token_hash,expires_at}'),
    ('worker', 'UPDATE', 'refresh_tokens', '{created_at}'),
    ('worker', 'DELETE', 'refresh_tokens', NULL),
    ('worker', 'SELECT', 'refresh_nonces', '{session_id,expires_at}'),
    ('worker', 'UPDATE', 'refresh_nonces', '{expires_at}'),
    ('worker', 'DELETE', 'refresh_nonces', NULL),
    ('worker', 'SELECT', 'known_addresses', '{user_id,address_hash,last_login_at}'),
    ('worker', 'UPDATE', 'known_addresses', '{last_login_at}'),
    ('worker', 'DELETE', 'known_addresses', NULL),
    ('worker', 'SELECT', 'login_hours', '{hour,shard}'),
    ('worker', 'UPDATE', 'login_hours', '{attempts}'),
    ('worker', 'DELETE', 'login_hours', NULL),
    ('worker', 'SELECT', 'limits', '{key,expires_at}'),
    ('worker', 'UPDATE', 'limits', '{expires_at}'),
    ('worker', 'DELETE', 'limits', NULL),
    ('worker', 'SELECT', 'signing_keys', '{kid,created_at,signs_from,revoked_at}'),
    ('worker', 'SELECT', 'api_keys', '{id,expires_at}'),
    ('worker', 'UPDATE', 'api_keys', '{last_used_at}'),
    ('worker', 'DELETE', 'api_keys', NULL);

INSERT INTO component_rights (component, verb, object)
SELECT component, 'EXECUTE', signature
  FROM (VALUES
           ('account(integer)', '{auth,users,profile}'::text[]),
           ('account_with_address(text,text)', '{auth,worker}'::text[]),
           ('add_api_key(integer,text,bytea,text[],text[],timestamptz,integer)', '{auth}'::text[]),
           ('add_service_api_key(integer,text,bytea,text[],text[],timestamptz,integer)', '{users}'::text[]),
           ('add_signing_key(text,bytea,bytea,integer)', '{auth}'::text[]),
           ('an_administrator_remains(integer[],integer,integer,integer)', '{users,rbac}'::text[]),
           ('api_keys_of(integer)', '{auth,users}'::text[]),
           ('begin_attempt(bytea,integer,integer,integer,bigint)', '{auth}'::text[]),
           ('begin_check(integer,bytea,bytea,bytea,integer,integer,integer,bigint)', '{auth}'::text[]),
           ('begin_login(text,text,bytea,bytea,integer,integer,bytea,bytea,integer,integer,integer,bigint)', '{auth}'::text[]),
           ('begin_message(bigint,timestamptz,interval,text,bytea,interval,integer[],integer[])', '{worker}'::text[]),
           ('caller_by_key(bytea,text,text[])', '{auth,users,rbac,profile}'::text[]),
           ('caller_by_token(integer,bigint,text,text[])', '{auth,users,rbac,profile}'::text[]),
           ('compact_octets(jsonb)', '{profile}'::text[]),
           ('count_attempt(bytea,integer,integer,timestamptz)', '{auth}'::text[]),
           ('end_links(integer[])', '{auth}'::text[]),
           ('end_other_sessions(integer,bigint)', '{auth}'::text[]),
           ('end_presented_key(bytea)', '{auth}'::text[]),
           ('end_sessions(integer[])', '{auth,users}'::text[]),
           ('finish_login(integer,bytea,bytea,timestamptz,bytea)', '{auth}'::text[]),
           ('grant_default_roles(integer)', '{auth}'::text[]),
           ('has_password(integer)', '{users}'::text[]),
           ('hold_account(integer)', '{rbac}'::text[]),
           ('hold_roles(integer[],boolean)', '{users}'::text[]),
           ('language_of(integer)', '{auth,users}'::text[]),
           ('lease_hash_slot(integer,bigint)', '{auth,users}'::text[]),
           ('lock_administrators()', '{users,rbac}'::text[]),
           ('lock_caller(integer,bigint,text)', '{auth}'::text[]),
           ('makes_administrators(integer[])', '{rbac}'::text[]),
           ('may_go(integer)', '{auth}'::text[]),
           ('plan_signing_key(text,bytea,bytea,interval,interval)', '{worker}'::text[]),
           ('presented_key(bytea)', '{auth}'::text[]),
           ('profile_version(integer)', '{profile}'::text[]),
           ('record_event(text,integer,jsonb)', '{auth,users}'::text[]),
           ('refusal_to_change_accounts(integer,integer[])', '{users,rbac}'::text[]),
           ('refusal_to_change_permission(integer,text[],integer,text,text)', '{rbac}'::text[]),
           ('refusal_to_change_role(integer,text[],integer,integer[],boolean)', '{rbac}'::text[]),
           ('refusal_to_give_permissions(integer,text[],integer[])', '{rbac}'::text[]),
           ('refusal_to_give_roles(integer,text[],integer,integer[])', '{users,rbac}'::text[]),
           ('refusal_to_hand_out_account(integer,text[],integer)', '{users}'::text[]),
           ('remember_address(integer,bytea)', '{auth}'::text[]),
           ('replace_email_change(integer)', '{auth}'::text[]),
           ('retire_signing_keys()', '{worker}'::text[]),
           ('revoke_signing_key(text,text,bytea,bytea)', '{worker}'::text[]),
           ('revoke_other_permissions(integer,integer[])', '{rbac}'::text[]),
           ('rotate_refresh_token(bytea,bytea,bytea,integer,integer,integer)', '{auth}'::text[]),
           ('session_remains(integer,bigint)', '{auth}'::text[]),
           ('sessions_of(integer,bigint)', '{auth,users}'::text[]),
           ('signing_key()', '{auth,worker}'::text[]),
           ('signing_key_at(timestamptz)', '{worker}'::text[]),
           ('take_attempt_back(bytea,timestamptz)', '{auth}'::text[]),
           ('take_link(bytea,text[])', '{auth}'::text[]),
           ('tell_of_guesses(text,integer,bytea,integer)', '{auth}'::text[])
       ) AS function (signature, components), unnest(components) AS component;
