-- Slots for hashing passwords: how many hashes all replicas together compute at once.
--
-- Both tables are unlogged. After a crash of Postgres they are empty: every slot is free, and nobody waits. A table without rows is no
-- fault: lease_hash_slot() adds those that are missing.

CREATE UNLOGGED TABLE hash_slots (
    slot integer NOT NULL,
    -- The random number of the request that has the slot, or had it last.
    ticket bigint NOT NULL,
    -- The slot is free from then on. A request that has its hash returns the slot earlier.
    leased_until timestamptz NOT NULL,
    CONSTRAINT hash_slots_pkey PRIMARY KEY (slot)
) WITH (fillfactor = 20);

-- The requests that wait for a slot.
CREATE UNLOGGED TABLE hash_queue (
    ticket bigint NOT NULL,
    arrived_at timestamptz NOT NULL,
    -- The request asks again before then. One that does not has gone, and is no longer counted.
    expires_at timestamptz NOT NULL,
    CONSTRAINT hash_queue_pkey PRIMARY KEY (ticket)
) WITH (fillfactor = 50);

-- Leases one of `slots` slots for three seconds, for the request with this ticket.
--
-- The answer is the number of the leased slot; or, when it is negative, the milliseconds after which the request asks again; or zero: the
-- request is refused, because 16 times as many requests as there are slots wait already, or because it has waited for five seconds.
--
-- Slots go to requests in the order of their arrival: a request takes one only when more are free than requests wait before it. No
-- request waits for a lock: a slot that another one is about to take is not free.
CREATE FUNCTION lease_hash_slot(slots integer, of_ticket bigint) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    leased integer;
    pause integer;
    arrived timestamptz;
    waiting integer;
    ahead integer;
    free integer;
BEGIN
    SELECT q.arrived_at INTO arrived FROM hash_queue q WHERE q.ticket = of_ticket;
    SELECT count(*), count(*) FILTER (WHERE arrived IS NULL OR (q.arrived_at, q.ticket) < (arrived, of_ticket))
      INTO waiting, ahead
      FROM hash_queue q
     WHERE q.ticket <> of_ticket AND q.expires_at > moment;
    SELECT slots - count(*) INTO free FROM hash_slots s WHERE s.slot <= slots AND s.leased_until > moment;

    IF free > ahead THEN
        leased := take_hash_slot(slots, of_ticket, moment);
        IF leased IS NULL AND (SELECT count(*) FROM hash_slots s WHERE s.slot <= slots) < slots THEN
            INSERT INTO hash_slots (slot, ticket, leased_until)
            SELECT missing, 0, 'epoch' FROM generate_series(1, slots) AS missing
            ON CONFLICT ON CONSTRAINT hash_slots_pkey DO NOTHING;
            leased := take_hash_slot(slots, of_ticket, moment);
        END IF;
    END IF;
    IF leased IS NOT NULL OR arrived <= moment - interval '5 seconds' THEN
        IF arrived IS NOT NULL THEN
            DELETE FROM hash_queue q WHERE q.ticket = of_ticket;
        END IF;
        RETURN coalesce(leased, 0);
    END IF;
    -- Those who wait may have gone: then a free slot is for a newcomer.
    IF arrived IS NULL AND waiting >= 16 * slots AND free <= 0 THEN
        RETURN 0;
    END IF;

    -- A hash takes about 120 ms where three compete for a core. So many must end before it is this request's turn.
    pause := least(1000, greatest(20, (0.75 + random() / 2) * (ahead + 1 - free) * 120 / slots));
    IF arrived IS NULL THEN
        INSERT INTO hash_queue (ticket, arrived_at, expires_at)
        VALUES (of_ticket, moment, moment + (pause + 1000) * interval '1 millisecond');
        DELETE FROM hash_queue q
         WHERE q.ticket IN (
                   SELECT gone.ticket FROM hash_queue gone
                    WHERE gone.expires_at < moment - interval '10 seconds'
                      FOR UPDATE SKIP LOCKED
               );
    ELSE
        UPDATE hash_queue q SET expires_at = moment + (pause + 1000) * interval '1 millisecond' WHERE q.ticket = of_ticket;
    END IF;
    RETURN -pause;
END
$$;

-- Takes a slot that is free at this moment and that nobody else is taking. Null if there is none.
CREATE FUNCTION take_hash_slot(slots integer, of_ticket bigint, moment timestamptz) RETURNS integer LANGUAGE sql VOLATILE AS $$
    UPDATE hash_slots
       SET ticket = of_ticket, leased_until = clock_timestamp() + interval '3 seconds'
     WHERE slot = (
               SELECT free.slot
                 FROM hash_slots free
                WHERE free.slot <= slots AND free.leased_until <= moment
                ORDER BY free.slot
                LIMIT 1
                  FOR UPDATE SKIP LOCKED
           )
    RETURNING slot
$$;
