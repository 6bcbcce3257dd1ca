//! The administration: `/console/…`.

pub(crate) mod accounts;
pub(crate) mod check;
pub(crate) mod documentation;
mod numbers;
pub(crate) mod overview;
mod parts;
pub(crate) mod permissions;
pub(crate) mod roles;
mod slice;

use crate::view::Entry;

/// The path of the area.
pub(crate) const ROOT: &str = "/console";

/// The links of the area, in their order.
#[rustfmt::skip]
pub(crate) const NAVIGATION: &[Entry] = &[
    Entry::new(ROOT,                "nav-overview"),
    Entry::new(accounts::ROOT,      "nav-accounts").requiring("accounts", "read"),
    Entry::new(roles::ROOT,         "nav-roles").requiring("rbac", "read"),
    Entry::new(permissions::ROOT,   "nav-permissions").requiring("rbac", "read"),
    Entry::new(check::PATH,         "nav-check").requiring("rbac", "read"),
    Entry::new(documentation::PATH, "nav-api"),
];
