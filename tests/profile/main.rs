//! The `/profile` routes: one file per URL, and files for common rules.

automod::dir!("profile");
