//! A person's own account: `/account/…`.

pub(crate) mod home;
pub(crate) mod sign_in;
pub(crate) mod sign_out;

use crate::view::Entry;

/// The path of the area.
pub(crate) const ROOT: &str = "/account";

/// The links of the area, in their order.
#[rustfmt::skip]
pub(crate) const NAVIGATION: &[Entry] = &[
    Entry::new(ROOT, "nav-account"),
];
