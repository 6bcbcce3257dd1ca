-- No session of an account that has a second factor begins without one. Replicas of the release before know of no factors: they would open one for
-- the password alone. Without the row, they answer as to a wrong password.
--
-- A file of its own, because its lock on the sessions must not wait for that on the accounts.
CREATE FUNCTION refuse_session_without_factor() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF EXISTS (SELECT FROM users u WHERE u.id = NEW.user_id AND u.factors_since IS NOT NULL) THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END
$$;

-- The trigger has the rights of the one who makes the change. The function runs with those of the owner.
REVOKE EXECUTE ON FUNCTION refuse_session_without_factor() FROM PUBLIC;
DO $$
BEGIN
    EXECUTE format(
        'ALTER FUNCTION refuse_session_without_factor() SECURITY DEFINER SET search_path = pg_catalog, %I, pg_temp', current_schema()
    );
END
$$;

CREATE TRIGGER sessions_need_factor BEFORE INSERT ON sessions
    FOR EACH ROW WHEN (NEW.factor_at IS NULL)
    EXECUTE FUNCTION refuse_session_without_factor();
