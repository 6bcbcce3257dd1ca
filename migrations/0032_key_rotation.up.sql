-- The life of a signing key: planned a day before it signs, replaced after 90 days, deleted when its last token has expired.
--
-- signing_key_at() of 0029 says which key signs.

-- Makes the given key the next one, which signs after `lead`. It is made only if it is needed, so that of many who call this at once one
-- makes a key:
--   no key signs              a planned key signs at once, or the given one does;
--   a key is planned          nothing changes, unless `lead` is zero: then the planned key signs at once;
--   the key that signs began within `younger`   nothing changes.
-- Returns the key that follows the present one, or the present one if nothing changes, and whether this call has made or moved it.
--
-- It is a function because it looks again after it has waited for the lock.
CREATE FUNCTION plan_signing_key(
    of_kid text,
    of_public_key bytea,
    of_sealed_key bytea,
    lead interval,
    younger interval
) RETURNS TABLE (kid text, signs_from timestamptz, is_changed boolean) LANGUAGE plpgsql VOLATILE ROWS 1 AS $$
#variable_conflict use_column
DECLARE
    moment timestamptz;
    present signing_keys;
    planned signing_keys;
BEGIN
    LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE;
    moment := clock_timestamp();
    SELECT k.* INTO present FROM signing_keys k WHERE k.kid = (SELECT signing.kid FROM signing_key_at(moment) signing);
    SELECT k.* INTO planned
      FROM signing_keys k
     WHERE k.signs_from > moment AND k.revoked_at IS NULL
     ORDER BY k.signs_from, k.kid
     LIMIT 1;

    IF planned.kid IS NOT NULL THEN
        kid := planned.kid;
        signs_from := planned.signs_from;
        is_changed := present.kid IS NULL OR lead = '0';
        IF is_changed THEN
            signs_from := moment;
            UPDATE signing_keys k SET signs_from = moment WHERE k.kid = planned.kid;
        END IF;
    ELSIF present.signs_from > moment - younger THEN
        kid := present.kid;
        signs_from := present.signs_from;
        is_changed := false;
    ELSE
        kid := of_kid;
        signs_from := CASE WHEN present.kid IS NULL THEN moment ELSE moment + lead END;
        is_changed := true;
        INSERT INTO signing_keys (kid, public_key, sealed_key, signs_from)
        VALUES (of_kid, of_public_key, of_sealed_key, signs_from);
    END IF;
    RETURN NEXT;
END
$$;

-- Revokes a key: no token of it is accepted from the next request on, and its private part is wiped. A key that has not begun to sign
-- never will. If it was the one that signs, a planned key signs at once, or the given one does; null leaves that to the component auth.
-- Returns the moment of the revocation, which stays that of the first one, and the key that signs now, if any; no row if there is no
-- such key.
CREATE FUNCTION revoke_signing_key(
    revoked_kid text,
    next_kid text,
    next_public_key bytea,
    next_sealed_key bytea
) RETURNS TABLE (revoked_at timestamptz, signs_now text) LANGUAGE plpgsql VOLATILE ROWS 1 AS $$
#variable_conflict use_column
DECLARE
    moment timestamptz;
BEGIN
    LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE;
    moment := clock_timestamp();
    UPDATE signing_keys k
       SET revoked_at = coalesce(k.revoked_at, moment),
           sealed_key = NULL,
           -- Otherwise it would be the newest one some day, and none would sign.
           signs_from = CASE WHEN k.signs_from > moment THEN '-infinity' ELSE k.signs_from END
     WHERE k.kid = revoked_kid
    RETURNING k.revoked_at INTO revoked_at;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT signing.kid INTO signs_now FROM signing_key_at(moment) signing;
    IF signs_now IS NULL THEN
        UPDATE signing_keys k
           SET signs_from = moment
         WHERE k.kid = (
                   SELECT planned.kid
                     FROM signing_keys planned
                    WHERE planned.signs_from > moment AND planned.revoked_at IS NULL
                    ORDER BY planned.signs_from, planned.kid
                    LIMIT 1
               )
        RETURNING k.kid INTO signs_now;
        IF NOT FOUND AND next_kid IS NOT NULL THEN
            INSERT INTO signing_keys (kid, public_key, sealed_key, signs_from)
            VALUES (next_kid, next_public_key, next_sealed_key, moment);
            signs_now := next_kid;
        END IF;
    END IF;
    RETURN NEXT;
END
$$;

-- Wipes the private part of keys that no longer sign, and deletes keys a day and a minute after their successor began to sign: an access
-- token lives a day at most, and a statement that has read the former key may still be under way. Returns how many keys it has deleted.
--
-- The newest key that has begun stays, even if it is revoked. Without it, an older one would sign again. A revoked key is shown for a day.
CREATE FUNCTION retire_signing_keys() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    WITH deleted AS (
        DELETE FROM signing_keys k
         WHERE (k.revoked_at IS NULL OR k.revoked_at < now() - interval '1 day')
           AND EXISTS (
                   SELECT FROM signing_keys successor
                    WHERE successor.signs_from > k.signs_from AND successor.signs_from <= now() - interval '1 day 1 minute'
               )
        RETURNING k.kid
    ), wiped AS (
        UPDATE signing_keys k
           SET sealed_key = NULL
         WHERE k.sealed_key IS NOT NULL
           AND EXISTS (
                   SELECT FROM signing_keys successor
                    WHERE successor.signs_from > k.signs_from AND successor.signs_from <= now()
               )
           AND NOT EXISTS (
                   SELECT FROM signing_keys successor
                    WHERE successor.signs_from > k.signs_from AND successor.signs_from <= now() - interval '1 day 1 minute'
               )
    )
    SELECT count(*) FROM deleted
$$;
