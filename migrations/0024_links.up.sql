-- Two locks on an account, for a link that is used and for a caller who changes their account. They are functions because their later
-- queries see what was committed while the first one waited: a recovery that has just ended a link or a session wins.

-- Takes the link with this token, of one of these purposes, and locks its account. The caller's statement then makes the change; if it
-- fails, the link stays. Without a row, there is no such link, or it was used, has expired or no longer fits its account.
--
-- A message that was sent twice has two tokens. Both end with the first use.
CREATE FUNCTION take_link(presented_hash bytea, purposes text[]) RETURNS TABLE (
    user_id integer,
    purpose text,
    -- The address that the token was sent to, and the account's own one.
    email text,
    former_email text,
    -- False until somebody has chosen a password.
    had_password boolean
) LANGUAGE plpgsql VOLATILE ROWS 1 AS $$
#variable_conflict use_column
DECLARE
    account record;
    link record;
BEGIN
    SELECT u.id, u.email, u.password_hash, u.is_active INTO account
      FROM one_time_tokens t JOIN users u ON u.id = t.user_id
     WHERE t.token_hash = presented_hash
       FOR NO KEY UPDATE OF u;
    IF NOT FOUND OR NOT account.is_active THEN
        RETURN;
    END IF;
    SELECT t.purpose, t.email INTO link
      FROM one_time_tokens t
     WHERE t.token_hash = presented_hash
       AND t.purpose = ANY (purposes)
       AND t.expires_at > now()
       AND (t.purpose = 'email_change' OR t.email = account.email)
       AND (t.purpose <> 'invitation' OR account.password_hash = '');
    IF NOT FOUND THEN
        RETURN;
    END IF;
    DELETE FROM one_time_tokens t WHERE t.user_id = account.id AND t.purpose = link.purpose;
    user_id := account.id;
    purpose := link.purpose;
    email := link.email;
    former_email := account.email;
    had_password := account.password_hash <> '';
    RETURN NEXT;
END
$$;

-- Locks the account of a caller. True if the session still counts and the password hash is still the one that was verified; null as the
-- hash stands for no password.
CREATE FUNCTION lock_caller(of_user integer, of_session bigint, verified_hash text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM FROM users
      WHERE id = of_user AND is_active AND password_hash = coalesce(verified_hash, password_hash)
        FOR NO KEY UPDATE;
    RETURN FOUND AND EXISTS (
        SELECT FROM sessions WHERE id = of_session AND user_id = of_user AND expires_at > now()
    );
END
$$;

-- Ends an earlier request for another address of an account: its link, and its message. The statement holds the lock on the account. Returns
-- the account's present address. It is a function because it sees what was committed while the statement waited.
CREATE FUNCTION replace_email_change(of_user integer) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    DELETE FROM one_time_tokens WHERE user_id = of_user AND purpose = 'email_change';
    DELETE FROM outbox WHERE user_id = of_user AND kind = 'email_change' AND sent_at IS NULL;
    RETURN (SELECT email FROM users WHERE id = of_user);
END
$$;
