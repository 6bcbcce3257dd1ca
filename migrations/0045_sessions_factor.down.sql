DROP TRIGGER IF EXISTS sessions_need_factor ON sessions;
DROP FUNCTION IF EXISTS refuse_session_without_factor();
