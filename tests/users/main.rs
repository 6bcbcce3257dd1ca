//! The `/users` routes: a file per URL, and files for common rules.

mod activate;
mod bulk;
mod bulk_rules;
mod changes;
mod deactivate;
mod delete;
mod get;
mod last_admin;
mod list;
mod list_rules;
mod make_admin;
mod oneself;
mod races;
mod remove_admin;
mod routing;
mod search;
mod search_far;
mod statements;
mod support;
mod versions;
mod who_may;
