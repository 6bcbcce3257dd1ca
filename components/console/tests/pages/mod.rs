//! A file for each rule or page.

mod account;
mod accounts;
mod api;
mod calls;
mod check;
mod forms;
mod headers;
mod home;
mod overview;
mod passkey_sign_in;
mod rights;
mod roles;
mod second_step;
mod session;
mod sign_in;
mod sign_out;
mod unknown;
