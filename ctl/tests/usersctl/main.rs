//! `usersctl` as an operator runs it: the built binary against databases of the tests' own. A file per subcommand.

mod create_admin;
mod fixture;
mod migrate;
mod schema;
mod seed;
mod setup_rbac;
mod wait;
