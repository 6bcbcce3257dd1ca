-- Nothing is lost but the turns of requests that wait: the release before hashes passwords without a slot.
DROP FUNCTION IF EXISTS lease_hash_slot(integer, bigint);
DROP FUNCTION IF EXISTS take_hash_slot(integer, bigint, timestamptz);
DROP TABLE IF EXISTS hash_queue;
DROP TABLE IF EXISTS hash_slots;
