-- no-transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS users_administrators_idx ON users (id) WHERE is_admin;
