DROP TRIGGER IF EXISTS sessions_count_ended ON sessions;
DROP TRIGGER IF EXISTS sessions_count_opened ON sessions;
