-- Sessions are counted from this moment on. A file of its own, because it would otherwise hold the lock on the accounts while it waits for this one.
CREATE TRIGGER sessions_count_opened AFTER INSERT ON sessions REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_sessions();
CREATE TRIGGER sessions_count_ended AFTER DELETE ON sessions REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_sessions();
