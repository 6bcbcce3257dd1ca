# The image runs this once, for a new data directory. It creates the service's database, its owner, and a role for each component and for the
# worker. All are ordinary roles. `usersctl migrate upgrade` gives the roles their rights.
for part in AUTH USERS RBAC PROFILE SYSTEM WORKER; do
  for name in USERS_DB_USER_$part USERS_DB_PASSWORD_$part; do
    if [ -z "${!name:-}" ]; then
      key=${name#USERS_}
      echo "the Secret users-secrets has no ${key,,}: add it as k8s/base/secret.yaml says, delete the volume of this server, and start again" >&2
      exit 1
    fi
  done
done
# psql reads the passwords from the environment, so that no command line shows them.
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\getenv name USERS_DB_NAME
\getenv owner USERS_DB_USER
\getenv password USERS_DB_PASSWORD
CREATE ROLE :"owner" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"owner";
REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
SQL
for part in AUTH USERS RBAC PROFILE SYSTEM WORKER; do
  user=USERS_DB_USER_$part password=USERS_DB_PASSWORD_$part
  # The role that has the rights, and its two members. The one that the Secret names can log in.
  ROLE="users_${part,,}" MEMBER="${!user}" PASSWORD="${!password}" \
    psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\getenv role ROLE
\getenv member MEMBER
\getenv password PASSWORD
SELECT :'role' || '_1' AS first, :'role' || '_2' AS second \gset
CREATE ROLE :"role" NOLOGIN;
CREATE ROLE :"first" NOLOGIN IN ROLE :"role";
CREATE ROLE :"second" NOLOGIN IN ROLE :"role";
ALTER ROLE :"member" LOGIN PASSWORD :'password';
SQL
done
