-- The version of a profile, as it is once the lock is had: changes that expect a version lock the account first and then ask
-- this. It is a function because its query sees what was committed while the statement waited, which the rest of the
-- statement does not.
CREATE FUNCTION profile_version(of_user integer) RETURNS timestamptz LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN (SELECT updated_at FROM profiles WHERE user_id = of_user);
END
$$;
