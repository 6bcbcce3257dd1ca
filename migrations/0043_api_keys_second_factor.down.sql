-- Lost: which API keys were made by somebody who had proved a second factor.
DELETE FROM component_rights
 WHERE verb = 'EXECUTE'
   AND object IN (
           'proves_factor(bigint,bigint)',
           'add_api_key(integer,text,bytea,text[],text[],timestamptz,integer,boolean)',
           'add_service_api_key(integer,text,bytea,text[],text[],timestamptz,integer,boolean)'
       );

DROP FUNCTION IF EXISTS add_service_api_key(integer, text, bytea, text[], text[], timestamptz, integer, boolean);
DROP FUNCTION IF EXISTS add_api_key(integer, text, bytea, text[], text[], timestamptz, integer, boolean);
DROP FUNCTION IF EXISTS proves_factor(bigint, bigint);

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
               'last_used_at', of_key.last_used_at
           )
$$;

ALTER TABLE api_keys DROP COLUMN IF EXISTS second_factor;
