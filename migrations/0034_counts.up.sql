-- How many accounts and sessions there are, without reading them all.
--
-- A row says how many were added (or, below zero, deleted), and the sum of all rows is their number. Every statement adds rows of its own, so no
-- two of them wait for each other, as they would for one row with the number. From time to time the rows are summed up, so that they stay few.
CREATE TABLE count_changes (
    id bigint GENERATED ALWAYS AS IDENTITY,
    -- Of what: `accounts` or `sessions`.
    what text NOT NULL,
    -- The hour in which the accounts were created; null if that is more than eight days ago. For sessions always null.
    hour timestamptz,
    change bigint NOT NULL,
    CONSTRAINT count_changes_pkey PRIMARY KEY (id),
    CONSTRAINT count_changes_what CHECK (what IN ('accounts', 'sessions'))
);

-- The hour under which an account of this time is counted.
CREATE FUNCTION counted_hour(created_at timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN created_at >= now() - interval '8 days' THEN date_trunc('hour', created_at, 'UTC') END
$$;

-- Replaces the oldest rows by one for each hour. It waits for nobody: rows that somebody else sums up stay for the next time.
--
-- The row of a sum is an old one, so it is always among the oldest. There are at most some 200 hours, so most of the 512 rows go. A row is
-- compared with its sum as it was locked: somebody may have summed it up since this statement began, and the statement would see it as it was before.
CREATE FUNCTION sum_up_counts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH taken AS MATERIALIZED (
        SELECT c.id, c.what, c.hour AS written_hour, counted_hour(c.hour) AS hour, c.change
          FROM count_changes c
         ORDER BY c.id
         LIMIT 512
           FOR UPDATE SKIP LOCKED
    ), summed AS MATERIALIZED (
        SELECT min(t.id) AS id, t.hour, sum(t.change)::bigint AS change FROM taken t GROUP BY t.what, t.hour
    ), kept AS (
        UPDATE count_changes c
           SET hour = s.hour, change = s.change
          FROM summed s JOIN taken t ON t.id = s.id
         WHERE c.id = s.id AND (t.written_hour IS DISTINCT FROM s.hour OR t.change <> s.change)
    )
    DELETE FROM count_changes c
     USING taken t
     WHERE c.id = t.id AND NOT EXISTS (SELECT FROM summed s WHERE s.id = c.id);
    RETURN NULL;
END
$$;

CREATE TRIGGER count_changes_sum_up AFTER INSERT ON count_changes
    FOR EACH ROW WHEN (NEW.id % 64 = 0) EXECUTE FUNCTION sum_up_counts();

-- Counts the accounts that a statement has added or deleted.
CREATE FUNCTION count_accounts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO count_changes (what, hour, change)
    SELECT 'accounts', counted_hour(c.created_at), CASE TG_OP WHEN 'DELETE' THEN -count(*) ELSE count(*) END
      FROM changed c
     GROUP BY 2;
    RETURN NULL;
END
$$;

-- Counts an account under another hour.
CREATE FUNCTION count_account_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO count_changes (what, hour, change)
    VALUES ('accounts', counted_hour(OLD.created_at), -1), ('accounts', counted_hour(NEW.created_at), 1);
    RETURN NULL;
END
$$;

-- Counts the sessions that a statement has opened or ended.
CREATE FUNCTION count_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO count_changes (what, change)
    SELECT 'sessions', CASE TG_OP WHEN 'DELETE' THEN -count(*) ELSE count(*) END
      FROM changed c
    HAVING count(*) > 0;
    RETURN NULL;
END
$$;

-- Figures about the whole service, as GET /users/statistics has them: the last `of_hours` hours with the present one, oldest first. It reads a
-- few hundred rows, however many accounts and sessions there are. Sessions that have expired count no longer, also before they are deleted.
CREATE FUNCTION statistics(of_hours integer) RETURNS json LANGUAGE sql STABLE AS $$
    WITH counts AS (
        SELECT coalesce(sum(c.change) FILTER (WHERE c.what = 'accounts'), 0)::bigint AS accounts,
               coalesce(
                   sum(c.change) FILTER (WHERE c.what = 'accounts' AND c.hour >= date_trunc('hour', now() - interval '7 days', 'UTC')), 0
               )::bigint AS new_this_week,
               coalesce(sum(c.change) FILTER (WHERE c.what = 'sessions'), 0)::bigint AS sessions
          FROM count_changes c
    ), expired AS (
        SELECT count(*) AS sessions FROM sessions s WHERE s.expires_at <= now()
    ), oldest AS (
        SELECT min(o.created_at) AS created_at FROM outbox o WHERE o.sent_at IS NULL AND o.failed_at IS NULL
    ), hours AS (
        SELECT h.hour, coalesce(sum(l.attempts), 0)::bigint AS attempts, coalesce(sum(l.logins), 0)::bigint AS logins
          FROM generate_series(0, of_hours - 1) AS ago
         CROSS JOIN LATERAL (SELECT date_trunc('hour', now(), 'UTC') - ago * interval '1 hour' AS hour) AS h
          LEFT JOIN login_hours l
            ON l.hour = h.hour AND l.hour > date_trunc('hour', now(), 'UTC') - of_hours * interval '1 hour'
         GROUP BY h.hour
    )
    SELECT json_build_object(
               'accounts', counts.accounts,
               'new_this_week', counts.new_this_week,
               'active_sessions', counts.sessions - expired.sessions,
               'oldest_unsent_mail_seconds',
               CASE WHEN oldest.created_at IS NOT NULL THEN greatest(floor(extract(epoch FROM now() - oldest.created_at)), 0)::bigint END,
               'schema_version', (SELECT max(m.version) FROM users_schema_migrations m WHERE m.success),
               'hours', (SELECT json_agg(hours ORDER BY hours.hour) FROM hours)
           )
      FROM counts CROSS JOIN expired CROSS JOIN oldest
$$;

-- Triggers have the rights of the one who makes the change, which do not reach the table of counts. The functions run with those of the owner.
DO $$
DECLARE
    routine text;
BEGIN
    FOREACH routine IN ARRAY ARRAY[
        'counted_hour(timestamptz)', 'sum_up_counts()', 'count_accounts()', 'count_account_anew()', 'count_sessions()', 'statistics(integer)'
    ] LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', routine);
        IF routine <> 'counted_hour(timestamptz)' THEN
            EXECUTE format(
                'ALTER FUNCTION %s SECURITY DEFINER SET search_path = pg_catalog, %I, pg_temp', routine, current_schema()
            );
        END IF;
    END LOOP;
END
$$;

INSERT INTO component_rights (component, verb, object) VALUES ('users', 'EXECUTE', 'statistics(integer)');

-- From this moment on. 0038 counts the accounts and sessions of before.
CREATE TRIGGER users_count_added AFTER INSERT ON users REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_accounts();
CREATE TRIGGER users_count_deleted AFTER DELETE ON users REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_accounts();
CREATE TRIGGER users_count_anew AFTER UPDATE OF created_at ON users
    FOR EACH ROW WHEN (OLD.created_at <> NEW.created_at) EXECUTE FUNCTION count_account_anew();
