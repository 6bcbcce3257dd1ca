//! `/console/accounts…`: the accounts of everyone.

pub(crate) mod bulk;
pub(crate) mod create;
mod filter;
pub(crate) mod list;
pub(crate) mod new;
pub(crate) mod one;
mod shown;

pub(crate) use self::shown::{badges, name_of};

/// The path of the list.
pub(crate) const ROOT: &str = "/console/accounts";
