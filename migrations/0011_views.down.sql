DROP FUNCTION IF EXISTS caller_as_json(integer, bigint, text[]);
DROP FUNCTION IF EXISTS account(users);
DROP VIEW IF EXISTS roles_with_permissions;
DROP VIEW IF EXISTS accounts;
