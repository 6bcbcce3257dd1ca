-- Whether a person has shown that the address of the account is theirs: by a link that was sent to it.
--
-- An account whose password nobody has chosen yet has an empty `password_hash`, which no password matches. Null would be an error to
-- replicas of the release before.

-- The lock of the view comes first, as in every statement that reads it; otherwise the two could wait for each other.
LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE;

ALTER TABLE users ADD COLUMN email_verified boolean NOT NULL DEFAULT false;

CREATE OR REPLACE VIEW accounts AS
SELECT id, email, full_name, is_active, is_admin, created_at, updated_at, email_verified FROM users;

-- A changed address and a deactivation end the links of the account, whoever makes the change: a component, a replica of the release
-- before, or an operator with psql. A changed password ends them in its own statement, because a login that renews an outdated hash
-- must not.
CREATE FUNCTION end_links_of_changed_account() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM end_links(ARRAY[NEW.id]);
    -- The function knows the present address only.
    DELETE FROM outbox
     WHERE kind = 'password_forgotten'
       AND (carries ->> 'email_key' = coalesce(OLD.email_key, lower(OLD.email))
            OR (OLD.email_key IS NULL AND lower(carries ->> 'email') = lower(OLD.email)))
       AND sent_at IS NULL;
    -- An invitation follows its account to the new address. It cannot be recorded by the statement itself: this runs after it.
    IF NEW.password_hash = '' AND NEW.is_active AND NEW.email <> OLD.email THEN
        PERFORM record_event('invitation', NEW.id, NULL);
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER users_end_links AFTER UPDATE OF email, is_active ON users
    FOR EACH ROW WHEN (NEW.email <> OLD.email OR (OLD.is_active AND NOT NEW.is_active))
    EXECUTE FUNCTION end_links_of_changed_account();
