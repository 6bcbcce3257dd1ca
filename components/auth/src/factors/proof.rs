//! What proves a second factor: at a login in two steps, and to make a session fresh.

use users_core::{RecoveryCode, TotpCode, UserId};
use users_crypto::{FactorKeys, TotpSecret};
use users_db::Value;
use users_web::{Checks, Field, Problem};

use crate::store::factors::StoredTotp;

/// What a client sends to prove a factor.
pub(crate) enum Proof {
    /// A code of the authenticator.
    Code(TotpCode),
    /// A recovery code, in place of a factor.
    RecoveryCode(RecoveryCode),
}

/// A factor that was proved, in the form in which the statement that follows uses it up: a code works once.
pub(crate) enum Proved {
    /// The code of this step, by the authenticator with this sealed secret.
    Totp { sealed: Vec<u8>, step: i64 },
    /// The recovery code with one of these hashes. The statement that uses it up finds out whether there is one.
    RecoveryCode { hashes: [[u8; 32]; 2] },
}

/// The fields of a body that carries a proof.
pub(crate) struct ProofFields {
    pub(crate) code: Field<TotpCode>,
    pub(crate) recovery_code: Field<RecoveryCode>,
}

impl ProofFields {
    /// The proof, if there is one. The outer `None` means that a field is broken, or that there are two of them.
    pub(crate) fn check(self, checks: &mut Checks) -> Option<Option<Proof>> {
        let code = checks.optional("/code", self.code);
        let recovery_code = checks.optional("/recovery_code", self.recovery_code);
        match (code?, recovery_code?) {
            (Some(_), Some(_)) => checks.broken("/recovery_code", "must not be sent beside code"),
            (Some(code), None) => Some(Some(Proof::Code(code))),
            (None, Some(code)) => Some(Some(Proof::RecoveryCode(code))),
            (None, None) => Some(None),
        }
    }
}

impl Proof {
    /// Compares the proof with what the account has. `None` if it is wrong.
    ///
    /// # Errors
    /// A defect of the deployment: the secret of the authenticator cannot be opened.
    pub(crate) fn verify(
        &self,
        user: UserId,
        stored: &StoredTotp,
        keys: &FactorKeys,
    ) -> Result<Option<Proved>, Problem> {
        match self {
            Self::Code(code) => {
                let Some(sealed) = &stored.sealed else { return Ok(None) };
                let secret = TotpSecret::open(user, sealed, keys).map_err(Problem::internal)?;
                let step = secret.matching_step(*code, stored.now, stored.last_step);
                Ok(step.map(|step| Proved::Totp { sealed: sealed.clone(), step }))
            }
            Self::RecoveryCode(code) => {
                Ok(Some(Proved::RecoveryCode { hashes: keys.recovery_hashes(user, code) }))
            }
        }
    }
}

impl Proved {
    /// The methods (RFC 8176) that the proof adds to those of its session. A recovery code is a one-time password, too.
    pub(crate) fn methods(&self) -> &'static [&'static str] {
        match self {
            Self::Totp { .. } | Self::RecoveryCode { .. } => &["otp", "mfa"],
        }
    }

    /// The parameters of the function that uses the factor up, after the account.
    pub(crate) fn values(&self) -> Vec<Value> {
        match self {
            Self::Totp { sealed, step } => vec![sealed.as_slice().into(), (*step).into()],
            Self::RecoveryCode { hashes } => hashes.iter().map(|hash| hash.as_slice().into()).collect(),
        }
    }
}
