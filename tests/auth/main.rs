//! The `/auth` routes, a file for each.

mod login;
mod login_hashes;
mod logout;
mod me;
mod refresh;
mod refresh_lifetimes;
mod register;
mod register_rules;
mod test_token;
