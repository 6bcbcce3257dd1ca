//! `/account/…`: the pages that links in e-mails lead to. A browser opens them in `tests/contract/account.rs`.

automod::dir!("account");
