-- Counts the accounts and sessions of before 0034 and 0035: the difference between what there is and what is counted, both at one moment. What
-- happens meanwhile is counted by the triggers, so it locks nothing and may take its time.
INSERT INTO count_changes (what, hour, change)
SELECT what, hour, sum(change)
  FROM (
           SELECT 'accounts' AS what, counted_hour(u.created_at) AS hour, count(*) AS change FROM users u GROUP BY 2
           UNION ALL
           SELECT 'sessions', NULL, count(*) FROM sessions s
           UNION ALL
           SELECT c.what, counted_hour(c.hour), -c.change FROM count_changes c
       ) AS counted
 GROUP BY what, hour
HAVING sum(change) <> 0;
