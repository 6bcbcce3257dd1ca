//! `/profile/preferences`: the caller's preferences.

pub(crate) mod get;
pub(crate) mod update;
