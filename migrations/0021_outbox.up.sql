-- What somebody must hear of: a row for each message. The statement that makes a change writes the row through record_event(), so there is
-- no change without its message, and no message without its change. `usersctl work` sends the messages.
--
-- A row holds no token, no password and no hash. It outlives its account, so `user_id` is no foreign key.
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY,
    -- A kind of crates/core/src/event.rs.
    kind text NOT NULL,
    -- Null in a forgotten password: whose address it is, only the worker finds out.
    user_id integer,
    -- What cannot be looked up when the message is sent, such as a former address. Emptied once the message is sent.
    carries jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    -- A worker that takes a row moves this past the time that it needs. If the worker is killed, another one takes the row then.
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    -- The reason why the last attempt failed, without an address.
    last_error text,
    -- The first failure since the message was recorded or retried. Two days later, the worker gives up.
    failing_since timestamptz,
    -- The first attempt. Limits on messages count it.
    begun_at timestamptz,
    sent_at timestamptz,
    -- The time at which the worker gave up.
    failed_at timestamptz,
    CONSTRAINT outbox_pkey PRIMARY KEY (id),
    CONSTRAINT outbox_carries_object CHECK (jsonb_typeof(carries) = 'object')
);

CREATE INDEX outbox_due_idx ON outbox (next_attempt_at) WHERE sent_at IS NULL AND failed_at IS NULL;
CREATE INDEX outbox_user_id_kind_idx ON outbox (user_id, kind);
CREATE INDEX outbox_done_idx ON outbox ((coalesce(sent_at, failed_at))) WHERE sent_at IS NOT NULL OR failed_at IS NOT NULL;
CREATE INDEX outbox_forgotten_idx ON outbox ((carries ->> 'email_key'))
    WHERE kind = 'password_forgotten' AND sent_at IS NULL;

-- The tokens in links of e-mails, as SHA-256 of their text. The worker makes a token at the moment of sending. A token belongs to one
-- account, one purpose and one address.
CREATE TABLE one_time_tokens (
    token_hash bytea NOT NULL,
    user_id integer NOT NULL,
    -- A purpose of crates/core/src/event.rs.
    purpose text NOT NULL,
    -- The address that the token was sent to: the account's own, or the one that it asks for.
    email text NOT NULL,
    -- The row of the outbox whose message has the token. A second attempt to send that row has a second token.
    message_id bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    CONSTRAINT one_time_tokens_pkey PRIMARY KEY (token_hash),
    CONSTRAINT one_time_tokens_token_hash_length CHECK (octet_length(token_hash) = 32),
    CONSTRAINT one_time_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE INDEX one_time_tokens_user_id_purpose_idx ON one_time_tokens (user_id, purpose);
CREATE INDEX one_time_tokens_expires_at_idx ON one_time_tokens (expires_at);

-- Records what has happened to an account, for those who must hear of it, and wakes the workers. Returns the id of the row.
--
-- In a statement with CTEs, read the result where Postgres cannot skip it: it never runs a SELECT that nothing reads.
CREATE FUNCTION record_event(of_kind text, of_user integer, what jsonb) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    event bigint;
BEGIN
    INSERT INTO outbox (kind, user_id, carries) VALUES (of_kind, of_user, coalesce(what, '{}')) RETURNING id INTO event;
    PERFORM pg_notify('outbox', '');
    RETURN event;
END
$$;

-- The language in which an account is written to: that of its preferences, or null.
CREATE FUNCTION language_of(of_user integer) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT preferences ->> 'language' FROM profiles WHERE user_id = of_user
$$;

-- Ends all links that were sent to these accounts or are about to be sent, and with them a pending change of address. The statement has
-- locked the rows of the accounts. It is a function because its queries see what was committed while the statement waited for them,
-- which the rest of the statement does not.
CREATE FUNCTION end_links(of_users integer[]) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    DELETE FROM one_time_tokens WHERE user_id = ANY (of_users);
    DELETE FROM outbox
     WHERE user_id = ANY (of_users)
       AND kind IN ('email_verification', 'email_change', 'password_forgotten', 'password_reset', 'invitation')
       AND sent_at IS NULL;
    -- A forgotten password belongs to no account before the worker has tried to send it.
    DELETE FROM outbox o
     USING users u
     WHERE u.id = ANY (of_users)
       AND o.kind = 'password_forgotten'
       AND (o.carries ->> 'email_key' = coalesce(u.email_key, lower(u.email))
            OR (u.email_key IS NULL AND lower(o.carries ->> 'email') = lower(u.email)))
       AND o.sent_at IS NULL;
END
$$;

-- Ends the sessions of an account but one. The statement has locked the row of the account. A function for the same reason.
CREATE FUNCTION end_other_sessions(of_user integer, kept bigint) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    DELETE FROM sessions WHERE user_id = of_user AND id <> kept;
END
$$;
