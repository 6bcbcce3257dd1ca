-- No data is lost.
DROP FUNCTION IF EXISTS refusal_to_change_permission(integer, text[], integer, text, text);
DROP FUNCTION IF EXISTS refusal_to_change_role(integer, text[], integer, integer[], boolean);
DROP FUNCTION IF EXISTS refusal_to_hand_out_account(integer, text[], integer);
DROP FUNCTION IF EXISTS refusal_to_give_roles(integer, text[], integer, integer[]);
DROP FUNCTION IF EXISTS refusal_to_give_permissions(integer, text[], integer[]);
DROP FUNCTION IF EXISTS refusal_to_change_accounts(integer, integer[]);
DROP FUNCTION IF EXISTS active_rights_of(integer);
DROP FUNCTION IF EXISTS covers_right(text[], text, text);
