-- no-transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS users_without_key_idx ON users (id) WHERE email_key IS NULL OR search_text IS NULL;
