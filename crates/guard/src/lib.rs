//! The guard of the routes. It finds out who the caller is and which rights the caller has.
//!
//! The access rules in a table of routes ([`Account`], [`AccountWith`], [`OwnSession`], [`FreshSession`], [`FreshFactor`],
//! [`SessionWithProof`], [`MaybeAccount`], [`OptionalSession`], [`Admin`], [`Administers`], [`Permitted`]) recognize the caller with one statement. They store a [`Caller`] for the handler. A rule that requires a right asks the
//! policy.
//!
//! Components that take new passwords find the rules for them here ([`Passwords`]), and the hash ([`password_hasher`]). Components that make
//! API keys find their fields here ([`ApiKeyBody`]).

// Guest code cannot panic on input (docs/ARCHITECTURE.md#invariants, 7).
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod access;
mod api_key;
mod authority;
mod caller;
pub mod codes;
mod guard;
mod hash_slot;
mod hasher;
mod new_api_key;
mod passwords;
mod path;
mod policy;
mod rights;
mod settings;
mod store;
mod tokens;

pub use access::{
    Account, AccountWith, Admin, Administers, FreshFactor, FreshSession, MaybeAccount, OptionalSession,
    OwnSession, Permitted, SessionWithProof,
};
pub use authority::{Authority, Overreach};
pub use caller::{Caller, Credential, MaybeCaller};
pub use guard::Guard;
pub use hash_slot::{HashSlot, HashSlotRequest, TOO_BUSY, Turn, read_hash_slots};
pub use hasher::password_hasher;
pub use new_api_key::{ApiKeyBody, ApiKeyPath, MadeApiKey, NewApiKey};
pub use passwords::{Passwords, check_password};
pub use path::UserPath;
pub use rights::Rights;
pub use settings::Settings;
pub use users_policy::Right;
