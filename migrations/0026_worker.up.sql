-- The moment at which a worker sends a message of the outbox.

-- The account that somebody means who types an address, or null: the rule of a login, for accounts of the release before, too. An
-- account whose address became another's has a `search_text`, but no key, and is not found.
CREATE FUNCTION account_with_address(address text, address_key text) RETURNS integer LANGUAGE sql STABLE AS $$
    (
        SELECT id FROM users WHERE email_key = address_key
    ) UNION ALL (
        SELECT id
          FROM users
         WHERE lower(email) IN (lower(address), lower(address_key)) AND email_key IS NULL AND search_text IS NULL
           AND NOT EXISTS (SELECT FROM users WHERE email_key = address_key)
         ORDER BY id
    )
    LIMIT 1
$$;

-- Begins an attempt to send a message that a worker has claimed until `claimed`, and claims it for `lease` more. Stores the hash of the
-- token that the link will hold; `of_purpose` is null for a message without a link. `counts` messages of one kind may go to one account
-- within the `seconds` at the same place.
--
-- The outcome is one of:
--   send        the message is for `recipient`;
--   gone        somebody ended or claimed the message meanwhile;
--   no_account  nobody has the address, or the account is deleted;
--   inactive    the account is deactivated, so it gets no link;
--   not_needed  there is nothing left to do with the link;
--   replaced    a newer request has a link already;
--   limited     too many messages of this kind went to the account.
-- All but the first two delete the message.
--
-- It is a function because each query in it sees what was committed while it waited for the lock on the account. Whoever ends links
-- takes that lock first, and so does this function: either the row is gone here, or the token is there for them to end.
CREATE FUNCTION begin_message(
    message bigint,
    claimed timestamptz,
    lease interval,
    of_purpose text,
    fresh_hash bytea,
    lifetime interval,
    counts integer[],
    seconds integer[]
) RETURNS TABLE (
    outcome text,
    recipient text,
    language text,
    user_id integer,
    claimed_until timestamptz
) LANGUAGE plpgsql VOLATILE ROWS 1 AS $$
#variable_conflict use_column
DECLARE
    queued record;
    account record;
    found_account integer;
    kinds text[];
BEGIN
    SELECT o.kind, o.user_id, o.carries INTO queued FROM outbox o WHERE o.id = message;
    IF NOT FOUND THEN
        outcome := 'gone';
        RETURN NEXT;
        RETURN;
    END IF;
    found_account := CASE queued.kind
        WHEN 'password_forgotten' THEN account_with_address(queued.carries ->> 'email', queued.carries ->> 'email_key')
        ELSE queued.user_id
    END;
    SELECT u.id, u.email, u.email_verified, u.is_active, u.password_hash INTO account
      FROM users u
     WHERE u.id = found_account
       FOR NO KEY UPDATE;
    -- While this waited for the lock, the address may have become another account's.
    IF queued.kind = 'password_forgotten' THEN
        SELECT u.id, u.email, u.email_verified, u.is_active, u.password_hash INTO account
          FROM users u
         WHERE u.id = account.id
           AND u.id = account_with_address(queued.carries ->> 'email', queued.carries ->> 'email_key');
    END IF;

    SELECT o.kind, o.user_id, o.carries, o.begun_at INTO queued
      FROM outbox o
     WHERE o.id = message AND o.sent_at IS NULL AND o.failed_at IS NULL AND o.next_attempt_at = claimed
       FOR UPDATE;
    IF NOT FOUND THEN
        outcome := 'gone';
        RETURN NEXT;
        RETURN;
    END IF;

    user_id := coalesce(account.id, queued.user_id);
    language := coalesce(queued.carries ->> 'language', language_of(account.id));
    -- A forgotten password goes to the address of the account, however somebody spelled it.
    recipient := CASE
        WHEN queued.kind IN ('email_change', 'email_change_requested', 'email_changed_from', 'account_deleted')
            THEN queued.carries ->> 'email'
        ELSE account.email
    END;
    -- A forgotten password and one that an administrator resets send the same link.
    kinds := CASE
        WHEN queued.kind IN ('password_forgotten', 'password_reset') THEN ARRAY['password_forgotten', 'password_reset']
        ELSE ARRAY[queued.kind]
    END;
    outcome := CASE
        WHEN recipient IS NULL OR (of_purpose IS NOT NULL AND account.id IS NULL) THEN 'no_account'
        WHEN of_purpose IS NOT NULL AND NOT account.is_active THEN 'inactive'
        WHEN queued.kind = 'email_verification' AND account.email_verified THEN 'not_needed'
        WHEN queued.kind = 'email_change' AND account.email = recipient THEN 'not_needed'
        WHEN queued.kind = 'invitation' AND account.password_hash <> '' THEN 'not_needed'
        WHEN EXISTS (
            SELECT FROM one_time_tokens t
             WHERE t.user_id = account.id AND t.purpose = of_purpose AND t.message_id > message
        ) THEN 'replaced'
        -- An attempt that failed is not counted again.
        WHEN queued.begun_at IS NULL AND EXISTS (
            SELECT FROM unnest(counts, seconds) AS allowed (count, seconds)
             WHERE allowed.count <= (
                       SELECT count(*)
                         FROM outbox o
                        WHERE o.user_id = coalesce(account.id, queued.user_id) AND o.kind = ANY (kinds) AND o.id <> message
                          AND o.begun_at > clock_timestamp() - make_interval(secs => allowed.seconds)
                   )
        ) THEN 'limited'
        ELSE 'send'
    END;
    IF outcome <> 'send' THEN
        DELETE FROM outbox o WHERE o.id = message;
        RETURN NEXT;
        RETURN;
    END IF;

    IF of_purpose IS NOT NULL THEN
        -- The token of an earlier attempt stays: its message may have arrived.
        DELETE FROM one_time_tokens t
         WHERE t.user_id = account.id AND t.purpose = of_purpose AND t.message_id < message;
        INSERT INTO one_time_tokens (token_hash, user_id, purpose, email, message_id, expires_at)
        VALUES (fresh_hash, account.id, of_purpose, recipient, message, clock_timestamp() + lifetime);
    END IF;
    UPDATE outbox o
       SET user_id = coalesce(account.id, queued.user_id),
           attempts = o.attempts + 1,
           last_error = NULL,
           begun_at = coalesce(o.begun_at, clock_timestamp()),
           next_attempt_at = clock_timestamp() + lease
     WHERE o.id = message
    RETURNING o.next_attempt_at INTO claimed_until;
    RETURN NEXT;
END
$$;
