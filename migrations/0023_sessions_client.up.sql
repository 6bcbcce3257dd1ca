-- What people recognise their sessions by. Sessions of the release before have none of it.
ALTER TABLE sessions
    -- The last login or refresh; null counts as created_at.
    ADD COLUMN last_used_at timestamptz,
    -- The User-Agent of the login, at most 255 characters.
    ADD COLUMN client text,
    -- The address from which the login came.
    ADD COLUMN address text;
ALTER TABLE sessions ALTER COLUMN last_used_at SET DEFAULT now();

-- A rotation of the refresh token moves `expires_at`, in this release and in the one before.
CREATE FUNCTION mark_session_used() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.last_used_at := now();
    RETURN NEW;
END
$$;

CREATE TRIGGER sessions_mark_used BEFORE UPDATE OF expires_at ON sessions
    FOR EACH ROW EXECUTE FUNCTION mark_session_used();
