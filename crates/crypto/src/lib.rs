//! The cryptography of the users service: password hashes, access tokens and the keys that sign them, refresh tokens, API keys, the
//! keys of limits, and second factors.
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
mod base32;
mod factor_keys;
mod jws;
mod limit_keys;
mod os_random;
mod password_hash;
mod presented_token;
mod public_key;
mod refresh_token;
mod sealed;
mod signing_key;
mod token;
mod totp;

pub use access_token::{
    CLIENT_ID, Claims, Holder, InvalidToken, NamedKey, TokenIssuer, TokenKey, TokenSecret, TokenVerifier,
    WeakSecret,
};
pub use api_key::ApiKeySecret;
pub use factor_keys::FactorKeys;
pub use limit_keys::{LimitKeys, WeakLimitSecret};
pub use os_random::OsRandom;
pub use password_hash::{HashError, PasswordHasher, Pause, Verification};
pub use presented_token::PresentedToken;
pub use public_key::PublicKey;
pub use refresh_token::{Refresh, RefreshNonce, RefreshToken};
pub use sealed::{WeakKeySecret, WeakPreviousKeySecret};
pub use signing_key::{KeySecret, SigningKey, UnreadableKey};
pub use token::{Login, LoginChallenge, OneTime, OneTimeToken, Token};
pub use totp::{TotpSecret, UnreadableTotpSecret};
