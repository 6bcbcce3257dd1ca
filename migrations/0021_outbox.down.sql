-- Lost: messages that are not sent yet, and the links in sent ones.

-- In the order in which a deletion of accounts locks the tables; otherwise the two could wait for each other.
LOCK TABLE users IN ACCESS EXCLUSIVE MODE;
DROP FUNCTION IF EXISTS end_other_sessions(integer, bigint);
DROP FUNCTION IF EXISTS end_links(integer[]);
DROP FUNCTION IF EXISTS language_of(integer);
DROP FUNCTION IF EXISTS record_event(text, integer, jsonb);
DROP TABLE IF EXISTS one_time_tokens;
DROP TABLE IF EXISTS outbox;
