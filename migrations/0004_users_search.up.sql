-- no-transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS users_search_idx ON users USING gin (lower(email || E'\n' || coalesce(full_name, '')) gin_trgm_ops);
