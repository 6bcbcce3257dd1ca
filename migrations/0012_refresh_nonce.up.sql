-- What repeats the answer to a refresh that was lost: the nonce that made the successor of a spent refresh token. The successor is
-- HMAC-SHA-256(nonce, spent token), so a row yields a token only to somebody who also has the spent one, and yields that token alone.
--
-- A session has at most one row, that of its last rotation: the next rotation replaces it. A row whose grace ended a minute ago is
-- deleted by a rotation of any session, because the session itself may not be refreshed again for weeks.
CREATE TABLE refresh_nonces (
    session_id bigint NOT NULL,
    -- SHA-256 of the spent token, and of its successor.
    spent_hash bytea NOT NULL,
    successor_hash bytea NOT NULL,
    nonce bytea NOT NULL,
    -- The end of the grace.
    expires_at timestamptz NOT NULL,
    CONSTRAINT refresh_nonces_pkey PRIMARY KEY (session_id),
    CONSTRAINT refresh_nonces_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions (id) ON DELETE CASCADE,
    CONSTRAINT refresh_nonces_nonce_length CHECK (octet_length(nonce) = 32)
);

CREATE INDEX refresh_nonces_expires_at_idx ON refresh_nonces (expires_at);

-- Exchanges a refresh token for its successor. Hashes are SHA-256, durations are seconds. Without a row, there is no such token, or
-- it or its session has expired. Otherwise `outcome` is one of:
--   rotated   the token was live: it is spent, and the successor that was handed in is live;
--   repeated  the token was spent within the grace, and its successor is live: `nonce` is the one that made that successor;
--   reused    the token was spent otherwise: its session has been ended;
--   inactive  the account is deactivated: nothing has changed.
--
-- It is a function because each query in it sees what was committed while it waited for the lock on the session: of two refreshes
-- with one token, the second finds what the first one wrote. The session is locked before its tokens, as in a logout, so that
-- the two cannot wait for each other.
CREATE FUNCTION rotate_refresh_token(
    presented_hash bytea,
    fresh_hash bytea,
    fresh_nonce bytea,
    grace integer,
    token_lifetime integer,
    session_lifetime integer
) RETURNS TABLE (
    outcome text,
    user_id integer,
    session_id bigint,
    nonce bytea,
    now bigint,
    refresh_expires_in bigint
) LANGUAGE plpgsql VOLATILE ROWS 1 AS $$
#variable_conflict use_column
DECLARE
    of_session record;
    presented record;
    successor record;
BEGIN
    SELECT s.id, s.user_id, s.created_at, s.expires_at, u.is_active INTO of_session
      FROM refresh_tokens t
      JOIN sessions s ON s.id = t.session_id
      JOIN users u ON u.id = s.user_id
     WHERE t.token_hash = presented_hash
       FOR UPDATE OF s;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT t.expires_at, t.spent_at INTO presented FROM refresh_tokens t WHERE t.token_hash = presented_hash;
    IF NOT FOUND OR presented.expires_at <= now() OR of_session.expires_at <= now() THEN
        RETURN;
    END IF;

    -- The release before spent the token a moment ago, and its successor is unused: the answer may have been lost. That release leaves no
    -- nonce, so the successor cannot be repeated. The token counts as live: its successor is new, and the unused one ends below.
    IF presented.spent_at >= now() - grace * interval '1 second'
       AND EXISTS (
           SELECT FROM refresh_tokens t
            WHERE t.session_id = of_session.id
              AND t.spent_at IS NULL
              AND t.created_at = presented.spent_at
              AND NOT EXISTS (SELECT FROM refresh_nonces n WHERE n.successor_hash = t.token_hash AND n.session_id = of_session.id)
       )
    THEN
        presented.spent_at := NULL;
    END IF;

    IF presented.spent_at IS NOT NULL THEN
        SELECT n.nonce, t.expires_at INTO successor
          FROM refresh_nonces n JOIN refresh_tokens t ON t.token_hash = n.successor_hash
         WHERE n.session_id = of_session.id
           AND n.spent_hash = presented_hash
           AND presented.spent_at >= now() - grace * interval '1 second'
           AND t.spent_at IS NULL;
        IF NOT FOUND THEN
            DELETE FROM sessions s WHERE s.id = of_session.id;
            outcome := 'reused';
        ELSIF of_session.is_active THEN
            outcome := 'repeated';
        ELSE
            outcome := 'inactive';
        END IF;
    ELSIF NOT of_session.is_active THEN
        outcome := 'inactive';
    ELSE
        outcome := 'rotated';
        SELECT fresh_nonce AS nonce,
               least(now() + token_lifetime * interval '1 second',
                     of_session.created_at + session_lifetime * interval '1 second') AS expires_at
          INTO successor;
        -- One row, unless a replica of the release before forked the session: then the other branches end, too.
        UPDATE refresh_tokens t SET spent_at = now()
         WHERE t.session_id = of_session.id AND t.spent_at IS NULL;
        INSERT INTO refresh_tokens (token_hash, session_id, expires_at)
        VALUES (fresh_hash, of_session.id, successor.expires_at);
        INSERT INTO refresh_nonces AS n (session_id, spent_hash, successor_hash, nonce, expires_at)
        VALUES (of_session.id, presented_hash, fresh_hash, fresh_nonce, now() + grace * interval '1 second')
        ON CONFLICT ON CONSTRAINT refresh_nonces_pkey DO UPDATE
           SET spent_hash = excluded.spent_hash,
               successor_hash = excluded.successor_hash,
               nonce = excluded.nonce,
               expires_at = excluded.expires_at;
        UPDATE sessions s SET expires_at = successor.expires_at WHERE s.id = of_session.id;
        DELETE FROM refresh_tokens t WHERE t.session_id = of_session.id AND t.expires_at <= now();
        -- Two for the one that was added, so that none is left behind. A refresh that began within the grace may still look for its
        -- row: hence the minute. A row that another statement holds is left to the next rotation, so nobody waits here.
        DELETE FROM refresh_nonces n
         WHERE n.session_id = ANY (ARRAY(
               SELECT o.session_id FROM refresh_nonces o
                WHERE o.expires_at < now() - interval '1 minute'
                ORDER BY o.expires_at
                LIMIT 2
                  FOR UPDATE SKIP LOCKED
         ));
    END IF;

    user_id := of_session.user_id;
    session_id := of_session.id;
    IF outcome IN ('rotated', 'repeated') THEN
        nonce := successor.nonce;
        now := floor(extract(epoch FROM now()));
        refresh_expires_in := floor(extract(epoch FROM successor.expires_at - now()));
    END IF;
    RETURN NEXT;
END
$$;
