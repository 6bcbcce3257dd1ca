-- no-transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS outbox_unsent_idx ON outbox (created_at) WHERE sent_at IS NULL AND failed_at IS NULL;
