//! What an attacker does who has taken over a component. The hostile twins in `tests/guests` answer requests with it, and
//! `tests/platform/hostile.rs` sends them the attacks of `tests/platform/attacks.txt`.
//!
//! A twin has the imports of its component, its variables and its role in the database. It tells the outcome of an attack in a word, and
//! everything that it could read on the following lines.

#[cfg(target_family = "wasm")]
mod database;
#[cfg(target_family = "wasm")]
mod http;
#[cfg(target_family = "wasm")]
mod machine;
#[cfg(target_family = "wasm")]
mod orders;

#[cfg(target_family = "wasm")]
pub use database::attack as attack_database;
#[cfg(target_family = "wasm")]
pub use http::attack as attack_over_http;
#[cfg(target_family = "wasm")]
pub use orders::obey;
