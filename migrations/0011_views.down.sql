DROP FUNCTION caller_as_json(integer, bigint, text[]);
DROP FUNCTION account(users);
DROP VIEW roles_with_permissions;
DROP VIEW accounts;
