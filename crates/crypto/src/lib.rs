//! The cryptography of the users service: password hashes, access tokens and the keys that sign them, refresh tokens, API keys, and the
//! keys of limits.
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
mod jws;
mod limit_keys;
mod os_random;
mod password_hash;
mod presented_token;
mod public_key;
mod refresh_token;
mod signing_key;
mod token;

pub use access_token::{
    CLIENT_ID, Claims, Holder, InvalidToken, NamedKey, TokenIssuer, TokenKey, TokenSecret, TokenVerifier,
    WeakSecret,
};
pub use api_key::ApiKeySecret;
pub use limit_keys::{LimitKeys, WeakLimitSecret};
pub use os_random::OsRandom;
pub use password_hash::{HashError, PasswordHasher, Pause, Verification};
pub use presented_token::PresentedToken;
pub use public_key::PublicKey;
pub use refresh_token::{Refresh, RefreshNonce, RefreshToken};
pub use signing_key::{KeySecret, SigningKey, UnreadableKey, WeakKeySecret};
pub use token::{OneTime, OneTimeToken, Token};
