//! `/auth/totp`: the authenticator of the current account (RFC 6238).

pub(crate) mod begin;
pub(crate) mod confirm;
pub(crate) mod remove;
