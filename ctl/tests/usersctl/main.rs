//! `usersctl` as an operator runs it: the built program against a real Postgres. A file per subcommand.

mod check_config;
mod conditions;
mod create_admin;
mod fixture;
mod keys;
mod migrate;
mod outbox;
mod reset_factors;
mod roles;
mod schema;
mod seed;
mod send_reset;
mod service_accounts;
mod set_password;
mod setup_rbac;
mod signing_keys;
mod silent;
mod smtp;
mod unlock;
mod wait;
mod work;
mod worker;
