//! The second factors of the person who is signed in.

use serde::Deserialize;
use users_core::Timestamp;

use super::proof::Way;

/// The path at which the API tells of them.
pub(super) const PATH: &str = "/auth/factors";

/// The second factors of an account, as the API tells of them.
#[derive(Debug, Deserialize)]
pub(super) struct Factors {
    /// The authenticator app.
    pub(super) totp: Option<Totp>,
    /// The number of passkeys.
    passkeys: u32,
    /// The number of recovery codes that were not used yet.
    pub(super) recovery_codes_left: u32,
}

/// An authenticator app.
#[derive(Debug, Deserialize)]
pub(super) struct Totp {
    pub(super) created_at: Timestamp,
}

/// Recovery codes, which the API tells once. Empty if the account has some already.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct NewCodes {
    pub(super) recovery_codes: Option<Vec<String>>,
}

impl Factors {
    /// Returns true if the account has a second factor, so that a password alone is not enough.
    pub(super) fn exist(&self) -> bool {
        self.totp.is_some() || self.passkeys > 0
    }

    /// The ways in which the person can prove one.
    pub(super) fn ways(&self) -> Vec<Way> {
        let has = |way: &Way| match way {
            Way::Totp => self.totp.is_some(),
            Way::Passkey => self.passkeys > 0,
            Way::RecoveryCode => self.exist() && self.recovery_codes_left > 0,
        };
        Way::ALL.into_iter().filter(has).collect()
    }
}
