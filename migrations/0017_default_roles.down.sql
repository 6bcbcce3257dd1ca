-- Default marks that the up file took from roles stay taken. Nothing else is lost.
DROP TRIGGER IF EXISTS permissions_default_administrates ON permissions;
DROP TRIGGER IF EXISTS role_permissions_default_administrates ON role_permissions;
DROP TRIGGER IF EXISTS roles_default_administrates ON roles;
DROP FUNCTION IF EXISTS refuse_default_administrators();
DROP FUNCTION IF EXISTS lock_administrators();
