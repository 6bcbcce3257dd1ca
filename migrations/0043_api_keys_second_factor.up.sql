-- Which API keys were made by somebody who had proved a second factor. Only such a key has what roles grant that require one (0044). The keys of
-- before were made without one.
ALTER TABLE api_keys ADD COLUMN second_factor boolean NOT NULL DEFAULT false;

-- A key as its owner sees it.
CREATE OR REPLACE FUNCTION api_key_as_json(of_key api_keys) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object(
               'id', of_key.id,
               'name', of_key.name,
               'permissions', of_key.permissions,
               'addresses', (
                   SELECT array_agg(abbrev(network::inet) ORDER BY place)
                     FROM unnest(of_key.addresses) WITH ORDINALITY AS listed (network, place)
               ),
               'expires_at', of_key.expires_at,
               'created_at', of_key.created_at,
               'last_used_at', of_key.last_used_at,
               'second_factor', of_key.second_factor
           )
$$;

-- True if a caller has proved a second factor, in this session or by this key, and the account still has one. The account of a program has
-- none: its keys have the proof of whoever made them.
CREATE FUNCTION proves_factor(of_session bigint, of_key bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM sessions s JOIN users u ON u.id = s.user_id
         WHERE s.id = of_session AND s.factor_at IS NOT NULL AND u.factors_since IS NOT NULL
    ) OR EXISTS (
        SELECT FROM api_keys k JOIN users u ON u.id = k.user_id
         WHERE k.id = of_key AND k.second_factor AND (u.kind = 'service' OR u.factors_since IS NOT NULL)
    )
$$;

-- As in 0030, and whether a second factor was proved by who makes the key. The functions without it stay for replicas of the release before.
CREATE FUNCTION add_api_key(
    of_user integer,
    of_name text,
    of_hash bytea,
    of_permissions text[],
    of_addresses text[],
    until timestamptz,
    most integer,
    with_factor boolean
) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    added api_keys;
BEGIN
    IF (SELECT count(*) FROM api_keys WHERE user_id = of_user) >= most THEN
        RETURN NULL;
    END IF;
    INSERT INTO api_keys (user_id, name, key_hash, permissions, addresses, expires_at, second_factor)
    VALUES (of_user, of_name, of_hash, of_permissions, of_addresses::cidr[], until, with_factor)
    RETURNING * INTO added;
    RETURN api_key_as_json(added)::text;
END
$$;

CREATE FUNCTION add_service_api_key(
    of_user integer,
    of_name text,
    of_hash bytea,
    of_permissions text[],
    of_addresses text[],
    until timestamptz,
    most integer,
    with_factor boolean
) RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT add_api_key(id, of_name, of_hash, of_permissions, of_addresses, until, most, with_factor)
      FROM users
     WHERE id = of_user AND kind = 'service'
$$;

DO $$
DECLARE
    routine text;
BEGIN
    FOREACH routine IN ARRAY ARRAY[
        'proves_factor(bigint, bigint)',
        'add_api_key(integer, text, bytea, text[], text[], timestamptz, integer, boolean)',
        'add_service_api_key(integer, text, bytea, text[], text[], timestamptz, integer, boolean)'
    ] LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', routine);
        EXECUTE format(
            'ALTER FUNCTION %s SECURITY DEFINER SET search_path = pg_catalog, %I, pg_temp', routine, current_schema()
        );
    END LOOP;
END
$$;

INSERT INTO component_rights (component, verb, object) VALUES
    ('auth', 'EXECUTE', 'proves_factor(bigint,bigint)'),
    ('users', 'EXECUTE', 'proves_factor(bigint,bigint)'),
    ('auth', 'EXECUTE', 'add_api_key(integer,text,bytea,text[],text[],timestamptz,integer,boolean)'),
    ('users', 'EXECUTE', 'add_service_api_key(integer,text,bytea,text[],text[],timestamptz,integer,boolean)');
