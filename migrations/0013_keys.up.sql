-- The keys under which addresses and names are unique, and the text that the search reads. The service computes them: Unicode
-- composition and case folding, the same in every locale, which lower() is not. `COLLATE "C"` keeps the locale out of comparisons.
--
-- A row that the release before wrote has none of them: search_text is null. `usersctl migrate upgrade` fills them. Of two
-- accounts with the same key, the younger one keeps a null key, but gets its search_text.
ALTER TABLE users
    ADD COLUMN email_key text COLLATE "C",
    ADD COLUMN search_text text COLLATE "C";

-- The release before changes a name and leaves its key as it is: the key would lie. So a statement that changes a name and does not
-- mention the key empties it, and the row is found as one that was never filled. A trigger cannot see what a statement mentions, but
-- Postgres fires `UPDATE OF` triggers by it, in the order of their names: the first ones mark a key that is mentioned with a character
-- before it, and the last one takes the mark away again, or empties the key. They go with the old indexes on lower().
CREATE FUNCTION mark_email_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.email_key := chr(1) || NEW.email_key;
    RETURN NEW;
END
$$;

CREATE FUNCTION mark_search_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.search_text := chr(1) || NEW.search_text;
    RETURN NEW;
END
$$;

CREATE FUNCTION settle_account_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.email_key IS DISTINCT FROM OLD.email_key THEN
        NEW.email_key := substr(NEW.email_key, 2);
    ELSIF NEW.email <> OLD.email THEN
        NEW.email_key := NULL;
    END IF;
    IF NEW.search_text IS DISTINCT FROM OLD.search_text THEN
        NEW.search_text := substr(NEW.search_text, 2);
    ELSIF NEW.email <> OLD.email OR NEW.full_name IS DISTINCT FROM OLD.full_name THEN
        NEW.search_text := NULL;
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER users_keys_1_mark_email_key BEFORE UPDATE OF email_key ON users
    FOR EACH ROW EXECUTE FUNCTION mark_email_key();
CREATE TRIGGER users_keys_1_mark_search_text BEFORE UPDATE OF search_text ON users
    FOR EACH ROW EXECUTE FUNCTION mark_search_text();
CREATE TRIGGER users_keys_2_settle BEFORE UPDATE OF email, full_name, email_key, search_text ON users
    FOR EACH ROW EXECUTE FUNCTION settle_account_keys();
