-- The keys under which names of permissions are unique, as 0019 has them for roles.
ALTER TABLE permissions
    ADD COLUMN name_key text COLLATE "C" CONSTRAINT permissions_name_key_key UNIQUE;

CREATE TRIGGER permissions_keys_1_mark BEFORE UPDATE OF name_key ON permissions
    FOR EACH ROW EXECUTE FUNCTION mark_name_key();
CREATE TRIGGER permissions_keys_2_settle BEFORE UPDATE OF name, name_key ON permissions
    FOR EACH ROW EXECUTE FUNCTION settle_name_key();
