//! `/account/…`: the pages that links in e-mails lead to. A browser opens them in `tests/contract/pages.rs`.

automod::dir!("account");
