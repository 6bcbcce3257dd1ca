//! The `/profile` routes: a file per URL, and files for common rules.

automod::dir!("profile");
