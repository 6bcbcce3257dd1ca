//! `/console/…`: the pages of those who administrate.

automod::dir!("console");
