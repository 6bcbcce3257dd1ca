-- Removes all second factors of an account, for an owner who has lost them, with the recovery codes and what was begun to be set up. The statement
-- has locked the row of the account. If there was a factor, the sessions and the logins that wait end, and the owner is told. API keys that were
-- made with the factor have its proof no longer: they may be those of somebody who had stolen it. Returns true if there was a factor.
CREATE FUNCTION reset_factors(of_user integer) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    had_factor boolean;
BEGIN
    UPDATE users SET factors_since = NULL WHERE id = of_user AND factors_since IS NOT NULL;
    had_factor := FOUND;
    IF had_factor THEN
        PERFORM end_sessions(ARRAY[of_user]);
        PERFORM record_event('factors_reset', of_user, NULL);
    END IF;
    DELETE FROM totp WHERE user_id = of_user;
    DELETE FROM passkeys WHERE user_id = of_user;
    DELETE FROM recovery_codes WHERE user_id = of_user;
    UPDATE api_keys SET second_factor = false WHERE user_id = of_user AND second_factor;
    RETURN had_factor;
END
$$;

-- A password that is set by a link and verifies the address of the account for the first time removes the factors: somebody else may have
-- opened the account for this address, and have added them. It is a trigger for the reason of `users_end_api_keys` in 0030: a replica of the
-- release before does the same. Its keys end by that trigger.
CREATE FUNCTION reset_factors_of_claimed_account() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM reset_factors(NEW.id);
    RETURN NULL;
END
$$;

CREATE TRIGGER users_reset_factors AFTER UPDATE OF password_hash, email_verified ON users
    FOR EACH ROW WHEN (NEW.password_hash <> OLD.password_hash AND NEW.email_verified AND NOT OLD.email_verified)
    EXECUTE FUNCTION reset_factors_of_claimed_account();

-- Octets as text, in base64url without padding (RFC 4648 section 5).
CREATE FUNCTION base64url(octets bytea) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT rtrim(translate(encode(octets, 'base64'), E'+/\n', '-_'), '=')
$$;

-- What GET /auth/export has of the second factors of an account, as a JSON object: no secret, and no hash of one.
CREATE FUNCTION exported_factors(of_user integer) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT json_build_object(
               'totp', (
                   SELECT json_build_object(
                              'created_at', t.created_at,
                              'last_step', t.last_step,
                              'next_session', t.next_session,
                              'next_expires_at', t.next_expires_at
                          )
                     FROM totp t
                    WHERE t.user_id = of_user
               ),
               'passkey_handle', (SELECT base64url(h.handle) FROM passkey_handles h WHERE h.user_id = of_user),
               'passkeys', (
                   SELECT coalesce(json_agg(json_build_object(
                              'id', p.id,
                              'name', p.name,
                              'credential_id', base64url(p.credential_id),
                              'public_key', base64url(p.public_key),
                              'algorithm', p.algorithm,
                              'sign_count', p.sign_count,
                              'backup_eligible', p.backup_eligible,
                              'backed_up', p.backed_up,
                              'user_verified', p.user_verified,
                              'transports', p.transports,
                              'aaguid', p.aaguid,
                              'created_at', p.created_at,
                              'last_used_at', p.last_used_at
                          ) ORDER BY p.id), '[]')
                     FROM passkeys p
                    WHERE p.user_id = of_user
               ),
               'recovery_codes', (
                   SELECT coalesce(json_agg(json_build_object('created_at', c.created_at) ORDER BY c.created_at), '[]')
                     FROM recovery_codes c
                    WHERE c.user_id = of_user
               ),
               'login_challenges', (
                   SELECT coalesce(json_agg(json_build_object(
                              'client', l.client,
                              'attempts', l.attempts,
                              'expires_at', l.expires_at
                          ) ORDER BY l.expires_at), '[]')
                     FROM login_challenges l
                    WHERE l.user_id = of_user
               ),
               'passkey_challenges', (
                   SELECT coalesce(json_agg(json_build_object(
                              'purpose', c.purpose,
                              'session_id', c.session_id,
                              'expires_at', c.expires_at
                          ) ORDER BY c.expires_at), '[]')
                     FROM passkey_challenges c JOIN sessions s ON s.id = c.session_id
                    WHERE s.user_id = of_user
               )
           )::text
$$;

DO $$
DECLARE
    routine text;
BEGIN
    REVOKE EXECUTE ON FUNCTION base64url(bytea) FROM PUBLIC;
    FOREACH routine IN ARRAY ARRAY['reset_factors(integer)', 'reset_factors_of_claimed_account()', 'exported_factors(integer)'] LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', routine);
        EXECUTE format(
            'ALTER FUNCTION %s SECURITY DEFINER SET search_path = pg_catalog, %I, pg_temp', routine, current_schema()
        );
    END LOOP;
END
$$;

INSERT INTO component_rights (component, verb, object) VALUES
    ('users', 'EXECUTE', 'reset_factors(integer)'),
    ('auth', 'EXECUTE', 'exported_factors(integer)');
