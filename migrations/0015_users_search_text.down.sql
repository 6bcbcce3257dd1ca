-- no-transaction
DROP INDEX CONCURRENTLY IF EXISTS users_search_text_idx;
