-- Lost: the counts, which the up files compute again.
DROP TRIGGER IF EXISTS users_count_anew ON users;
DROP TRIGGER IF EXISTS users_count_deleted ON users;
DROP TRIGGER IF EXISTS users_count_added ON users;
DELETE FROM component_rights WHERE component = 'users' AND object = 'statistics(integer)';
DROP FUNCTION IF EXISTS statistics(integer);
DROP FUNCTION IF EXISTS count_sessions();
DROP FUNCTION IF EXISTS count_account_anew();
DROP FUNCTION IF EXISTS count_accounts();
DROP TABLE IF EXISTS count_changes;
DROP FUNCTION IF EXISTS sum_up_counts();
DROP FUNCTION IF EXISTS counted_hour(timestamptz);
