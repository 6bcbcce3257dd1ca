//! Attacks and leaks.

mod arbitrary;
mod checklist;
mod credentials;
mod input;
mod isolation;
mod logs;
mod rights;
mod secrecy;
mod signatures;
mod tokens;
