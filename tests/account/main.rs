//! `/account/…`: the pages of a person's own account, and those that links in e-mails lead to. A browser opens the latter in
//! `tests/contract/account.rs`.

automod::dir!("account");
