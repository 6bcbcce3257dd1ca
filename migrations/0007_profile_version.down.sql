DROP FUNCTION IF EXISTS profile_version(integer);
