-- Lost: client, address and last use of the sessions.
DROP TRIGGER IF EXISTS sessions_mark_used ON sessions;
DROP FUNCTION IF EXISTS mark_session_used();
ALTER TABLE sessions
    DROP COLUMN IF EXISTS last_used_at,
    DROP COLUMN IF EXISTS client,
    DROP COLUMN IF EXISTS address;
