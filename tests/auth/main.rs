//! The `/auth` routes, a file for each.

automod::dir!("auth");
