//! `/account/…`: the pages of a person's own account, and those that links in e-mails lead to.

automod::dir!("account");
