-- no-transaction
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS users_email_key_key ON users (email_key);
