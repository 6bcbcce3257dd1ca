//! The pages that links in e-mails lead to, and the files that pages load. They are served from memory, as they are.

pub(crate) mod assets;
pub(crate) mod page;
