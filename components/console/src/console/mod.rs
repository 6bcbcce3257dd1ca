//! The administration: `/console/…`.

pub(crate) mod check;
pub(crate) mod documentation;
mod numbers;
pub(crate) mod overview;

use crate::view::Entry;

/// The path of the area.
pub(crate) const ROOT: &str = "/console";

/// The links of the area, in their order.
#[rustfmt::skip]
pub(crate) const NAVIGATION: &[Entry] = &[
    Entry::new(ROOT, "nav-overview"),
    Entry::new(check::PATH, "nav-check").requiring("rbac", "read"),
    Entry::new(documentation::PATH, "nav-api"),
];
