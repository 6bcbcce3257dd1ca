-- The octets of a JSON value as clients send and receive it: Postgres writes one blank after each colon and each comma, and
-- the zeros of large numbers, which clients write with an exponent.
CREATE FUNCTION compact_octets(value jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT AS $$
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

-- What people tell about themselves, a row for each who did; it has the id of its account.
CREATE TABLE profiles (
    user_id integer NOT NULL,
    -- False while there are preferences only: then the profile can still be created.
    is_created boolean NOT NULL,
    bio text,
    avatar_url text,
    location text,
    website text,
    phone_number text,
    birth_date date,
    preferences jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    -- Moves with every change, and never back: it is the version that clients name in If-Match.
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT profiles_pkey PRIMARY KEY (user_id),
    CONSTRAINT profiles_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT profiles_bio_length CHECK (char_length(bio) <= 2000),
    CONSTRAINT profiles_avatar_url_length CHECK (char_length(avatar_url) <= 500),
    CONSTRAINT profiles_location_length CHECK (char_length(location) <= 255),
    CONSTRAINT profiles_website_length CHECK (char_length(website) <= 500),
    CONSTRAINT profiles_phone_number_length CHECK (char_length(phone_number) <= 50),
    CONSTRAINT profiles_preferences_object CHECK (jsonb_typeof(preferences) = 'object'),
    CONSTRAINT profiles_preferences_size CHECK (compact_octets(preferences) <= 16384)
);
