//! The cryptography of the users service: password hashes, access tokens, refresh tokens, API keys, and the keys of limits.
//!
//! Randomness comes from a [`users_core::Random`] that the caller passes in. Production code passes [`OsRandom`].

// Guest code cannot panic on input (docs/ARCHITECTURE.md#invariants, 7).
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod access_token;
mod api_key;
mod argon2id;
mod hs256;
mod limit_keys;
mod os_random;
mod password_hash;
mod refresh_token;
mod token;

pub use access_token::{AccessTokens, Claims, InvalidToken, WeakSecret};
pub use api_key::ApiKeySecret;
pub use limit_keys::{LimitKeys, WeakLimitSecret};
pub use os_random::OsRandom;
pub use password_hash::{HashError, PasswordHasher, Pause, Verification};
pub use refresh_token::{Refresh, RefreshNonce, RefreshToken};
pub use token::{OneTime, OneTimeToken, Token};
