-- The octets of a JSON value as clients send and receive it: Postgres writes one blank after each colon and each comma, and
-- the zeros of large numbers, which clients write with an exponent.
CREATE OR REPLACE FUNCTION compact_octets(value jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT octet_length(value::text) - coalesce(sum(
               CASE jsonb_typeof(node)
                   WHEN 'object' THEN greatest(2 * (SELECT count(*) FROM jsonb_object_keys(node)) - 1, 0)
                   WHEN 'array' THEN greatest(jsonb_array_length(node) - 1, 0)
                   WHEN 'number' THEN
                       greatest(octet_length(node::text) - octet_length(node::text::float8::text), 0)
                   ELSE 0
               END
           ), 0)::bigint
      FROM jsonb_path_query(value, 'strict $.**') AS node
$$;
