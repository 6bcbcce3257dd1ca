-- Lost: messages that are not sent yet, and the links in sent ones.
DROP FUNCTION IF EXISTS end_other_sessions(integer, bigint);
DROP FUNCTION IF EXISTS end_links(integer[]);
DROP FUNCTION IF EXISTS language_of(integer);
DROP FUNCTION IF EXISTS record_event(text, integer, jsonb);
DROP TABLE IF EXISTS one_time_tokens;
DROP TABLE IF EXISTS outbox;
