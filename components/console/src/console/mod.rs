//! The administration: `/console/…`.

pub(crate) mod overview;

use crate::view::Entry;

/// The path of the area.
pub(crate) const ROOT: &str = "/console";

/// The links of the area, in their order.
#[rustfmt::skip]
pub(crate) const NAVIGATION: &[Entry] = &[
    Entry::new(ROOT, "nav-console"),
];
