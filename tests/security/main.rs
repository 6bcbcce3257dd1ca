//! Attacks and leaks.

automod::dir!("security");
