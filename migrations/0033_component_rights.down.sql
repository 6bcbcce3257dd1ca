-- Lost: which component may do what. Roles keep the rights that they were given on tables that stay: the up file gives none, so this takes none.
-- PUBLIC does not get back what grant_rights() took from it.
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
                   'account', 'account_with_address', 'active_rights_of', 'add_api_key', 'add_service_api_key', 'add_signing_key',
                   'address_hash', 'an_administrator_remains', 'api_key_as_json', 'api_keys_of', 'attempts_after',
                   'begin_attempt', 'begin_check', 'begin_login', 'begin_message', 'caller', 'caller_as_json',
                   'caller_by_key', 'caller_by_token', 'compact_octets', 'count_attempt', 'count_login',
                   'covers_right', 'end_api_keys_of_reset_account', 'end_links', 'end_links_of_changed_account',
                   'end_other_sessions', 'end_presented_key', 'end_sessions', 'finish_login', 'language_of', 'lease_hash_slot',
                   'leave_hash_slots', 'lock_administrators', 'lock_caller', 'makes_administrators', 'mark_email_key',
                   'mark_name_key', 'mark_search_text', 'mark_session_used', 'may_go', 'password_key',
                   'plan_signing_key', 'presented_key', 'profile_version', 'record_event', 'refusal_to_change_accounts',
                   'refusal_to_change_permission', 'refusal_to_change_role', 'refusal_to_give_permissions',
                   'refusal_to_give_roles', 'refusal_to_hand_out_account', 'refuse_default_administrators',
                   'remember_address', 'replace_email_change', 'retire_signing_keys', 'revoke_other_permissions',
                   'revoke_signing_key', 'right_grants', 'rights_of', 'rights_within',
                   'rotate_refresh_token', 'seconds_until_free', 'session_remains', 'sessions_of',
                   'settle_account_keys', 'settle_name_key', 'signing_key', 'signing_key_at', 'take_attempt_back',
                   'take_hash_slot', 'take_link', 'tell_of_guesses'
               )
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO PUBLIC', routine.signature);
        IF routine.name IN (
            'account_with_address', 'add_api_key', 'add_service_api_key', 'add_signing_key', 'an_administrator_remains', 'api_keys_of',
            'begin_attempt', 'begin_check', 'begin_login', 'begin_message', 'caller_by_key', 'caller_by_token',
            'count_attempt', 'end_api_keys_of_reset_account', 'end_links', 'end_links_of_changed_account',
            'end_other_sessions', 'end_presented_key', 'end_sessions', 'finish_login', 'language_of', 'lease_hash_slot', 'lock_caller',
            'may_go', 'plan_signing_key', 'presented_key', 'record_event', 'refusal_to_change_accounts',
            'refusal_to_change_permission', 'refusal_to_change_role', 'refusal_to_give_permissions',
            'refusal_to_give_roles', 'refusal_to_hand_out_account', 'refuse_default_administrators',
            'remember_address', 'replace_email_change', 'retire_signing_keys', 'revoke_other_permissions',
            'revoke_signing_key', 'rotate_refresh_token', 'session_remains', 'sessions_of',
            'signing_key', 'signing_key_at', 'take_attempt_back', 'take_link', 'tell_of_guesses'
        ) THEN
            EXECUTE format('ALTER FUNCTION %s SECURITY INVOKER RESET search_path', routine.signature);
        END IF;
    END LOOP;
END
$$;
