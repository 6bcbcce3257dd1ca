-- Roles, permissions and who has them are lost. The extension pg_trgm stays: others may have come to use it.
DROP FUNCTION IF EXISTS end_sessions(integer[]);
DROP FUNCTION IF EXISTS revoke_other_permissions(integer, integer[]);
DROP FUNCTION IF EXISTS makes_administrators(integer[]);
DROP FUNCTION IF EXISTS an_administrator_remains(integer[], integer, integer, integer);
DROP TABLE IF EXISTS user_roles;
DROP TABLE IF EXISTS role_permissions;
DROP TABLE IF EXISTS roles;
DROP TABLE IF EXISTS permissions;
