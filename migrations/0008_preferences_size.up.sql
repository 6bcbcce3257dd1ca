-- The octets of a JSON value as clients receive it, exactly. Postgres writes one blank after each colon and each comma, and the
-- zeros of large and of small numbers; a component writes such numbers with an exponent: those below 0.00001, and those that no
-- integer of 64 bits holds. No row is looked at again: what was kept is kept.
CREATE OR REPLACE FUNCTION compact_octets(value jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT octet_length(value::text) - coalesce(sum(
               CASE jsonb_typeof(node)
                   WHEN 'object' THEN greatest(2 * (SELECT count(*) FROM jsonb_object_keys(node)) - 1, 0)
                   WHEN 'array' THEN greatest(jsonb_array_length(node) - 1, 0)
                   WHEN 'number' THEN
                       CASE WHEN node = '0' OR (
                                CASE WHEN strpos(node::text, '.') > 0 THEN abs(node::numeric) >= 0.00001
                                     ELSE node::numeric BETWEEN -9223372036854775808 AND 18446744073709551615
                                END
                            )
                            THEN 0
                            -- Shortest digits, as the component has them, but 1e-07 where it has 1e-7.
                            ELSE octet_length(node::text) - octet_length(replace(node::float8::text, 'e-0', 'e-'))
                       END
                   ELSE 0
               END
           ), 0)::bigint
      FROM jsonb_path_query(value, 'strict $.**') AS node
$$;
