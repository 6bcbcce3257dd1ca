-- Lost: which component may do what. Roles keep the rights that they were given on tables that stay: the up file gives none, so this takes none.
DROP FUNCTION IF EXISTS grant_rights(text);
DROP FUNCTION IF EXISTS hold_roles(integer[], boolean);
DROP FUNCTION IF EXISTS hold_account(integer);
DROP FUNCTION IF EXISTS grant_default_roles(integer);
DROP FUNCTION IF EXISTS has_password(integer);
DROP FUNCTION IF EXISTS account(integer);
DROP TABLE IF EXISTS component_rights;

-- The functions of before run with the rights of their callers again, and everybody may call them.
DO $$
DECLARE
    routine record;
BEGIN
    FOR routine IN
        SELECT p.oid::regprocedure AS signature, p.proname AS name
          FROM pg_proc p
         WHERE p.pronamespace = current_schema()::regnamespace
           AND p.proname IN (
                   'account', 'account_with_address', 'address_hash', 'an_administrator_remains', 'attempts_after',
                   'begin_attempt', 'begin_check', 'begin_login', 'begin_message', 'caller', 'caller_as_json',
                   'compact_octets', 'count_attempt', 'count_login', 'end_links', 'end_links_of_changed_account',
                   'end_other_sessions', 'end_sessions', 'finish_login', 'language_of', 'lease_hash_slot',
                   'leave_hash_slots', 'lock_administrators', 'lock_caller', 'makes_administrators', 'mark_email_key',
                   'mark_name_key', 'mark_search_text', 'mark_session_used', 'may_go', 'password_key',
                   'profile_version', 'record_event', 'refuse_default_administrators', 'remember_address',
                   'replace_email_change', 'revoke_other_permissions', 'rotate_refresh_token', 'seconds_until_free',
                   'session_remains', 'sessions_of', 'settle_account_keys', 'settle_name_key', 'take_attempt_back',
                   'take_hash_slot', 'take_link', 'tell_of_guesses'
               )
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO PUBLIC', routine.signature);
        IF routine.name IN (
            'account_with_address', 'an_administrator_remains', 'begin_attempt', 'begin_check', 'begin_login',
            'begin_message', 'caller_as_json', 'count_attempt', 'end_links', 'end_links_of_changed_account',
            'end_other_sessions', 'end_sessions', 'finish_login', 'language_of', 'lease_hash_slot', 'lock_caller',
            'may_go', 'record_event', 'refuse_default_administrators', 'remember_address', 'replace_email_change',
            'revoke_other_permissions', 'rotate_refresh_token', 'session_remains', 'sessions_of', 'take_attempt_back',
            'take_link', 'tell_of_guesses'
        ) THEN
            EXECUTE format('ALTER FUNCTION %s SECURITY INVOKER RESET search_path', routine.signature);
        END IF;
    END LOOP;
END
$$;
