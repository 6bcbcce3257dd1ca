//! A person's own account: `/account/…`.

pub(crate) mod api_keys;
pub(crate) mod confirm;
pub(crate) mod delete;
pub(crate) mod export;
mod factors;
pub(crate) mod forgot_password;
pub(crate) mod home;
mod link;
pub(crate) mod preferences;
pub(crate) mod profile;
mod proof;
pub(crate) mod register;
pub(crate) mod reset_password;
pub(crate) mod security;
pub(crate) mod sessions;
pub(crate) mod sign_in;
pub(crate) mod sign_out;
pub(crate) mod verify_email;

use crate::view::Entry;

/// The path of the area.
pub(crate) const ROOT: &str = "/account";

/// The links of the area, in their order.
#[rustfmt::skip]
pub(crate) const NAVIGATION: &[Entry] = &[
    Entry::new(ROOT,                   "nav-account"),
    Entry::new("/account/profile",     "nav-profile"),
    Entry::new("/account/preferences", "nav-preferences"),
    Entry::new("/account/security",    "nav-security"),
    Entry::new("/account/sessions",    "nav-sessions"),
    Entry::new("/account/api-keys",    "nav-api-keys"),
    Entry::new("/account/export",      "nav-data"),
    Entry::new("/account/delete",      "nav-delete"),
];
