//! `/profile/preferences`: what the caller prefers.

pub(crate) mod get;
pub(crate) mod update;
