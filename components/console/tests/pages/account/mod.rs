//! `/account/…`: a file for each page.

mod api_keys;
mod confirm;
mod delete;
mod export;
mod factors;
mod forgot_password;
mod guests;
mod links;
mod preferences;
mod profile;
mod register;
mod security;
mod sessions;

/// Text that would do harm if a page did not escape it.
const HOSTILE: &str = "\"'><script>alert(1)</script>";
