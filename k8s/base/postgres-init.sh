# The image runs this once, for a new data directory. It creates the service's database and its owner, an ordinary role.
# psql reads the password from the environment, so that no command line shows it.
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\getenv name USERS_DB_NAME
\getenv owner USERS_DB_USER
\getenv password USERS_DB_PASSWORD
CREATE ROLE :"owner" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"owner";
REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
SQL
