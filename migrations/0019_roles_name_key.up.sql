-- The keys under which names of roles are unique, as 0013 has them for accounts: a role without a key was written by the release before.
-- The table gets a migration of its own, as does `permissions` (0020), so that no migration holds one table while it waits for another.
--
-- A database has hundreds of roles at most, so the index is built at once.
ALTER TABLE roles
    ADD COLUMN name_key text COLLATE "C" CONSTRAINT roles_name_key_key UNIQUE;

-- See 0013: these empty the key of a row whose name changes in a statement that does not mention the key.
CREATE FUNCTION mark_name_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.name_key := chr(1) || NEW.name_key;
    RETURN NEW;
END
$$;

CREATE FUNCTION settle_name_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.name_key IS DISTINCT FROM OLD.name_key THEN
        NEW.name_key := substr(NEW.name_key, 2);
    ELSIF NEW.name <> OLD.name THEN
        NEW.name_key := NULL;
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER roles_keys_1_mark BEFORE UPDATE OF name_key ON roles
    FOR EACH ROW EXECUTE FUNCTION mark_name_key();
CREATE TRIGGER roles_keys_2_settle BEFORE UPDATE OF name, name_key ON roles
    FOR EACH ROW EXECUTE FUNCTION settle_name_key();
