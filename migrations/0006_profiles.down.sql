-- Profiles and preferences are lost.
DROP TABLE IF EXISTS profiles;
DROP FUNCTION IF EXISTS compact_octets(jsonb);
