//! `/console/…`: the pages for administrators.

automod::dir!("console");
