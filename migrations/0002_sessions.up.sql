-- A session is opened by a login and ended by a logout, by its age, or by the reuse of a spent refresh token.
-- Access tokens name it (claim `sid`), so ending it ends them too.
CREATE TABLE sessions (
    id bigint GENERATED ALWAYS AS IDENTITY,
    user_id integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- Slides with every rotation, and never past 90 days after created_at.
    expires_at timestamptz NOT NULL,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE INDEX sessions_user_id_idx ON sessions (user_id);

-- Every refresh token a session was given, as SHA-256 of its text. Spent ones stay until they would have expired
-- anyway: that is how the reuse of any of them is noticed.
CREATE TABLE refresh_tokens (
    token_hash bytea NOT NULL,
    session_id bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    spent_at timestamptz,
    CONSTRAINT refresh_tokens_pkey PRIMARY KEY (token_hash),
    CONSTRAINT refresh_tokens_token_hash_length CHECK (octet_length(token_hash) = 32),
    CONSTRAINT refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions (id) ON DELETE CASCADE
);

CREATE INDEX refresh_tokens_session_id_idx ON refresh_tokens (session_id);
