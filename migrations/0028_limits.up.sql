-- How often something may be tried, and what is remembered about attempts.
--
-- Times are those of Postgres, so the clocks of the replicas do not matter. Whoever locks several of these rows does it in this order, so
-- that no two wait for each other: the account, the row of a client address, the row of an address of e-mail for all client addresses,
-- the row for one of them, the known address, the hour.

-- From this moment on, wrong passwords of the account count; null is forever. A reset by a link and `usersctl unlock` set it: neither could
-- find the rows of `limits`, whose keys need a secret.
ALTER TABLE users ADD COLUMN failures_forgiven_at timestamptz;

-- The attempts that count, a row for each limit and each one whom it is for. The key is an HMAC of what is tried and of who tries it:
-- nothing here names a person. After a crash of Postgres the table is empty, and counting begins anew.
CREATE UNLOGGED TABLE limits (
    key bytea NOT NULL,
    -- The times of the attempts, oldest first, without two alike. Those before the window of the limit go with the next attempt.
    attempts timestamptz[] NOT NULL,
    -- No attempt counts any longer.
    expires_at timestamptz NOT NULL,
    CONSTRAINT limits_pkey PRIMARY KEY (key),
    CONSTRAINT limits_key_length CHECK (octet_length(key) = 32)
) WITH (fillfactor = 50);

-- The client addresses from which an account was logged in to, for 180 days. `address_hash` is SHA-256 of an HMAC of the address and of the
-- account's id, so nobody can tell the address, or which accounts share one.
CREATE TABLE known_addresses (
    user_id integer NOT NULL,
    address_hash bytea NOT NULL,
    last_login_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT known_addresses_pkey PRIMARY KEY (user_id, address_hash),
    CONSTRAINT known_addresses_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT known_addresses_address_hash_length CHECK (octet_length(address_hash) = 32)
) WITH (fillfactor = 80);

CREATE INDEX known_addresses_last_login_at_idx ON known_addresses (last_login_at);

-- How many logins were tried in an hour, and how many of them opened a session. An hour has 16 rows, of which a statement takes any, so that
-- logins do not wait for each other.
CREATE TABLE login_hours (
    hour timestamptz NOT NULL,
    shard smallint NOT NULL,
    attempts bigint NOT NULL DEFAULT 0,
    logins bigint NOT NULL DEFAULT 0,
    CONSTRAINT login_hours_pkey PRIMARY KEY (hour, shard),
    CONSTRAINT login_hours_shard_range CHECK (shard BETWEEN 0 AND 15)
) WITH (fillfactor = 50);

-- The attempts after a moment, oldest first.
CREATE FUNCTION attempts_after(attempts timestamptz[], moment timestamptz) RETURNS timestamptz[] LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY(SELECT attempt FROM unnest(attempts) AS attempt WHERE attempt > moment ORDER BY attempt)
$$;

-- The seconds after which the next attempt is free, at least one; null if one is free now, or without `most`. It takes no lock.
CREATE FUNCTION seconds_until_free(of_key bytea, most integer, seconds integer, since timestamptz)
RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    within interval := make_interval(secs => seconds);
    counted timestamptz[];
BEGIN
    IF most IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT attempts_after(l.attempts, greatest(clock_timestamp() - within, since)) INTO counted FROM limits l WHERE l.key = of_key;
    IF NOT FOUND OR cardinality(counted) < most THEN
        RETURN NULL;
    END IF;
    RETURN greatest(
        1, ceil(extract(epoch FROM counted[cardinality(counted) - most + 1] + within - clock_timestamp()))::integer
    );
END
$$;

-- Counts an attempt, unless `most` of them happened within the last `seconds`; those before `since` do not count. At most `most` are
-- counted within any time of that length, however many come at once. Without `most`, there is no limit, and nothing is counted.
--
-- `counted_at` names the attempt, and `remaining` more may follow. Without it, the attempt is refused and not counted: the next one is free
-- in `retry_after` seconds, at least one.
--
-- A refusal is usually seen at a look, without a lock: refused attempts must not wait for each other. The decision to count is in the update:
-- Postgres makes it with the row as it is once the lock is there.
CREATE FUNCTION count_attempt(of_key bytea, most integer, seconds integer, since timestamptz)
RETURNS TABLE (counted_at timestamptz, remaining integer, retry_after integer) LANGUAGE plpgsql VOLATILE ROWS 1 AS $$
#variable_conflict use_column
DECLARE
    within interval := make_interval(secs => seconds);
    counted timestamptz[];
BEGIN
    retry_after := seconds_until_free(of_key, most, seconds, since);
    IF most IS NULL OR retry_after IS NOT NULL THEN
        RETURN NEXT;
        RETURN;
    END IF;
    INSERT INTO limits AS l (key, attempts, expires_at)
    VALUES (of_key, ARRAY[clock_timestamp()], clock_timestamp() + within)
    ON CONFLICT ON CONSTRAINT limits_pkey DO UPDATE
       SET attempts = attempts_after(l.attempts, greatest(clock_timestamp() - within, since))
                   || greatest(clock_timestamp(), l.attempts[cardinality(l.attempts)] + interval '1 microsecond'),
           expires_at = clock_timestamp() + within
     WHERE cardinality(attempts_after(l.attempts, greatest(clock_timestamp() - within, since))) < most
    RETURNING l.attempts INTO counted;
    IF FOUND THEN
        counted_at := counted[cardinality(counted)];
        remaining := most - cardinality(counted);
    ELSE
        -- Others were faster. An attempt that has left the window since then makes it one second.
        retry_after := coalesce(seconds_until_free(of_key, most, seconds, since), 1);
    END IF;
    RETURN NEXT;
END
$$;

-- Takes an attempt out of its count again: it turned out to be none. Returns false when it does not count any longer.
CREATE FUNCTION take_attempt_back(of_key bytea, of_attempt timestamptz) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF of_key IS NULL OR of_attempt IS NULL THEN
        RETURN false;
    END IF;
    UPDATE limits SET attempts = array_remove(attempts, of_attempt) WHERE key = of_key AND of_attempt = ANY (attempts);
    RETURN FOUND;
END
$$;

-- What `known_addresses` keeps of a client address; null for nobody.
CREATE FUNCTION address_hash(of_user integer, of_network bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256(of_network || int4send(of_user))
$$;

-- Remembers that an account was logged in to from a client address. The statement has locked the row of the account.
--
-- An account has at most 20 of them, the newest: each has a count of wrong passwords of its own, so a thief who knew a password could
-- otherwise collect thousands before its owner changes it.
CREATE FUNCTION remember_address(of_user integer, of_network bytea) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF of_network IS NULL THEN
        RETURN false;
    END IF;
    INSERT INTO known_addresses AS k (user_id, address_hash) VALUES (of_user, address_hash(of_user, of_network))
    ON CONFLICT ON CONSTRAINT known_addresses_pkey DO UPDATE SET last_login_at = excluded.last_login_at;
    DELETE FROM known_addresses k
     WHERE k.user_id = of_user
       AND k.address_hash IN (
               SELECT old.address_hash FROM known_addresses old
                WHERE old.user_id = of_user
                ORDER BY old.last_login_at DESC, old.address_hash
               OFFSET 20
           );
    RETURN true;
END
$$;

-- The key of the row that counts a wrong password of an address of e-mail: the row for this client address if the owner has logged in from it,
-- and otherwise the row for all other client addresses together. Without an account, nobody has.
CREATE FUNCTION password_key(of_user integer, of_network bytea, shared_key bytea, own_key bytea)
RETURNS bytea LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN CASE
        WHEN EXISTS (
            SELECT FROM known_addresses k
             WHERE k.user_id = of_user
               AND k.address_hash = address_hash(of_user, of_network)
               AND k.last_login_at > now() - interval '180 days'
        ) THEN own_key
        ELSE shared_key
    END;
END
$$;

-- Returns a slot that was not used after all, or leaves the queue. `turn` is the answer of lease_hash_slot().
CREATE FUNCTION leave_hash_slots(turn integer, of_ticket bigint) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF turn > 0 THEN
        UPDATE hash_slots SET leased_until = 'epoch' WHERE slot = turn AND ticket = of_ticket;
    ELSE
        DELETE FROM hash_queue WHERE ticket = of_ticket;
    END IF;
END
$$;

-- Begins an attempt that hashes a password without comparing it, such as a registration: counts it, and asks for a slot. `turn` is the answer
-- of lease_hash_slot(). When it is zero, the attempt is refused for want of a slot, and not counted. When it is null, the limit refuses it.
CREATE FUNCTION begin_attempt(of_key bytea, most integer, seconds integer, slots integer, ticket bigint)
RETURNS TABLE (counted_at timestamptz, retry_after integer, turn integer) LANGUAGE plpgsql VOLATILE ROWS 1 AS $$
#variable_conflict use_column
BEGIN
    retry_after := seconds_until_free(of_key, most, seconds, NULL);
    IF retry_after IS NULL THEN
        turn := lease_hash_slot(slots, ticket);
        IF turn <> 0 THEN
            SELECT c.counted_at, c.retry_after INTO counted_at, retry_after FROM count_attempt(of_key, most, seconds, NULL) c;
            IF retry_after IS NOT NULL THEN
                PERFORM leave_hash_slots(turn, ticket);
                turn := NULL;
            END IF;
        END IF;
    END IF;
    RETURN NEXT;
END
$$;

-- Begins to compare a password of an account: counts it as a wrong one, and asks for a slot, as begin_attempt() does. `counted_key` names the
-- row that counts it, and `password_hash` is null until somebody has chosen a password.
CREATE FUNCTION begin_check(
    of_user integer,
    of_network bytea,
    shared_key bytea,
    own_key bytea,
    most integer,
    seconds integer,
    slots integer,
    ticket bigint
) RETURNS TABLE (
    counted_key bytea,
    counted_at timestamptz,
    remaining integer,
    retry_after integer,
    password_hash text,
    turn integer
) LANGUAGE plpgsql VOLATILE ROWS 1 AS $$
#variable_conflict use_column
DECLARE
    since timestamptz;
BEGIN
    SELECT u.failures_forgiven_at, nullif(u.password_hash, '') INTO since, password_hash FROM users u WHERE u.id = of_user;
    counted_key := password_key(of_user, of_network, shared_key, own_key);
    retry_after := seconds_until_free(counted_key, most, seconds, since);
    IF retry_after IS NULL THEN
        turn := lease_hash_slot(slots, ticket);
        IF turn <> 0 THEN
            SELECT c.counted_at, c.remaining, c.retry_after INTO counted_at, remaining, retry_after
              FROM count_attempt(counted_key, most, seconds, since) c;
            IF retry_after IS NOT NULL THEN
                PERFORM leave_hash_slots(turn, ticket);
                turn := NULL;
            END IF;
        END IF;
    END IF;
    RETURN NEXT;
END
$$;

-- Counts attempts to log in and logins of this hour.
CREATE FUNCTION count_login(more_attempts integer, more_logins integer) RETURNS void LANGUAGE sql VOLATILE AS $$
    INSERT INTO login_hours AS h (hour, shard, attempts, logins)
    VALUES (date_trunc('hour', now(), 'UTC'), floor(random() * 16)::smallint, more_attempts, more_logins)
    ON CONFLICT ON CONSTRAINT login_hours_pkey DO UPDATE
       SET attempts = h.attempts + excluded.attempts,
           logins = h.logins + excluded.logins
$$;

-- Begins a login: counts it, finds the credentials of the account with this address, and asks for a slot to verify them. `limited` names the
-- limit that refuses it: `logins` of this client address, or `password_failures` of this address of e-mail. `turn` is the answer of
-- lease_hash_slot(); when it is zero, the login is refused for want of a slot. A refused login is counted in its hour only, and not even there
-- for want of a slot. Otherwise the password counts as
-- wrong until finish_login() or take_attempt_back() says that it was right; `remaining` more may be wrong. `login_counted_at` names the login
-- in the row of the client address.
--
-- It does the same work without an account. `user_id` is set also when the login is refused.
CREATE FUNCTION begin_login(
    address text,
    address_key text,
    of_network bytea,
    logins_key bytea,
    most_logins integer,
    logins_seconds integer,
    shared_key bytea,
    own_key bytea,
    most_failures integer,
    failures_seconds integer,
    slots integer,
    ticket bigint
) RETURNS TABLE (
    limited text,
    retry_after integer,
    user_id integer,
    password_hash text,
    is_active boolean,
    email_verified boolean,
    counted_key bytea,
    counted_at timestamptz,
    remaining integer,
    login_counted_at timestamptz,
    turn integer
) LANGUAGE plpgsql VOLATILE ROWS 1 AS $$
#variable_conflict use_column
DECLARE
    since timestamptz;
    key bytea;
    login record;
    failure record;
BEGIN
    -- A crash may lose a count of this statement, so its commit need not wait for the disk.
    PERFORM set_config('synchronous_commit', 'off', true);
    SELECT u.id, u.password_hash, u.is_active, u.email_verified, u.failures_forgiven_at
      INTO user_id, password_hash, is_active, email_verified, since
      FROM users u
     WHERE u.id = account_with_address(address, address_key);
    key := password_key(user_id, of_network, shared_key, own_key);

    retry_after := seconds_until_free(logins_key, most_logins, logins_seconds, NULL);
    IF retry_after IS NOT NULL THEN
        limited := 'logins';
        PERFORM count_login(1, 0);
        RETURN NEXT;
        RETURN;
    END IF;
    retry_after := seconds_until_free(key, most_failures, failures_seconds, since);
    IF retry_after IS NOT NULL THEN
        limited := 'password_failures';
        PERFORM count_login(1, 0);
        RETURN NEXT;
        RETURN;
    END IF;
    turn := lease_hash_slot(slots, ticket);
    IF turn = 0 THEN
        RETURN NEXT;
        RETURN;
    END IF;

    -- Others may have been faster since the look.
    SELECT c.retry_after, c.counted_at INTO login FROM count_attempt(logins_key, most_logins, logins_seconds, NULL) c;
    IF login.retry_after IS NOT NULL THEN
        limited := 'logins';
        retry_after := login.retry_after;
    ELSE
        SELECT c.counted_at, c.remaining, c.retry_after INTO failure FROM count_attempt(key, most_failures, failures_seconds, since) c;
        IF failure.retry_after IS NOT NULL THEN
            limited := 'password_failures';
            retry_after := failure.retry_after;
            PERFORM take_attempt_back(logins_key, login.counted_at);
        END IF;
    END IF;
    IF limited IS NULL THEN
        counted_key := key;
        counted_at := failure.counted_at;
        remaining := failure.remaining;
        login_counted_at := login.counted_at;
    ELSE
        PERFORM leave_hash_slots(turn, ticket);
        turn := NULL;
    END IF;
    PERFORM count_login(1, 0);
    RETURN NEXT;
END
$$;

-- Completes a login: the password was right. The statement has locked the row of the account.
CREATE FUNCTION finish_login(
    of_user integer,
    of_network bytea,
    counted_key bytea,
    counted_at timestamptz,
    own_key bytea
) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM take_attempt_back(counted_key, counted_at) WHERE counted_key <> own_key;
    UPDATE limits SET attempts = '{}' WHERE key = own_key AND attempts <> '{}';
    PERFORM count_login(0, 1) FROM remember_address(of_user, of_network);
    RETURN true;
END
$$;

-- Tells the owner that as many wrong passwords as are allowed were tried for the account: at most once a day, and only if the limit is still
-- reached. Returns the id of the message, or null. It is a function because its look at the messages sees what another statement recorded
-- while this one waited for the account.
--
-- Its commit does not wait for the disk, because without an account there is nothing to wait for: the time would tell which addresses have one.
CREATE FUNCTION tell_of_guesses(of_kind text, of_user integer, of_key bytea, most integer) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    PERFORM FROM users WHERE id = of_user FOR NO KEY UPDATE;
    RETURN (
        SELECT record_event(of_kind, u.id, NULL)
          FROM users u
         WHERE u.id = of_user
           AND EXISTS (SELECT FROM limits WHERE key = of_key AND cardinality(attempts) >= most)
           AND NOT EXISTS (
                   SELECT FROM outbox o
                    WHERE o.user_id = u.id AND o.kind = of_kind AND o.created_at > now() - interval '1 day'
               )
    );
END
$$;
