-- no-transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS users_search_text_idx ON users USING gin (search_text gin_trgm_ops);
