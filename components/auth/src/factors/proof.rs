//! The proof of a second factor: at a login in two steps, and to make a session fresh.

use users_core::{Random, RecoveryCode, TotpCode, UserId};
use users_crypto::{FactorKeys, TotpSecret};
use users_db::Value;
use users_passkeys::{AssertionResponse, Ceremony, Challenge, CredentialId};
use users_web::{Checks, Context, Field, Problem};

use crate::App;
use crate::passkeys::answer;
use crate::store::factors::{Stored, StoredTotp};
use crate::store::passkeys::Verified;

/// The part of a body that proves a factor.
pub(crate) enum Proof {
    /// A code of the authenticator.
    Code(TotpCode),
    /// A recovery code, in place of a factor.
    RecoveryCode(RecoveryCode),
    /// The answer of a passkey to a challenge.
    Assertion(Box<AssertionResponse>),
}

/// A factor that was proved, in the form in which the statement that follows uses it up: a code works once.
pub(crate) enum Proved {
    /// The code of this step, by the authenticator with this sealed secret. If a former `key_secret` sealed it, the statement that uses the code
    /// stores what the present one sealed.
    Totp { sealed: Vec<u8>, sealed_anew: Option<Vec<u8>>, step: i64 },
    /// The recovery code with one of these hashes. The statement that uses it up finds out whether there is one.
    RecoveryCode { hashes: [[u8; 32]; 2] },
    /// The passkey. The statement that notes its use finds out whether another use was faster.
    Passkey(Verified),
}

/// The fields of a body that carries a proof.
pub(crate) struct ProofFields {
    pub(crate) code: Field<TotpCode>,
    pub(crate) recovery_code: Field<RecoveryCode>,
    pub(crate) assertion: Field<AssertionResponse>,
}

impl ProofFields {
    /// The proof, if there is one. The outer `None` means that a field is broken, or that there are two of them.
    pub(crate) fn check(self, checks: &mut Checks) -> Option<Option<Proof>> {
        let code = checks.optional("/code", self.code);
        let recovery_code = checks.optional("/recovery_code", self.recovery_code);
        let assertion = checks.optional("/assertion", self.assertion);
        match (code?, recovery_code?, assertion?) {
            (None, None, None) => Some(None),
            (Some(code), None, None) => Some(Some(Proof::Code(code))),
            (None, Some(code), None) => Some(Some(Proof::RecoveryCode(code))),
            (None, None, Some(answer)) => Some(Some(Proof::Assertion(Box::new(answer)))),
            (_, Some(_), None) => {
                checks.broken("/recovery_code", "must not be sent beside another second factor")
            }
            (_, _, Some(_)) => checks.broken("/assertion", "must not be sent beside another second factor"),
        }
    }
}

impl Proof {
    /// The passkey that the proof names, if it is one.
    pub(crate) fn credential(&self) -> Option<CredentialId> {
        match self {
            Self::Assertion(answer) => answer.credential_id().ok(),
            _ => None,
        }
    }

    /// The challenge that a passkey claims to answer, if the proof is one.
    pub(crate) fn claimed_challenge(&self) -> Option<Challenge> {
        match self {
            Self::Assertion(answer) => answer.claimed_challenge(),
            _ => None,
        }
    }

    /// Compares the proof with what the account has. A passkey has to answer this challenge, which is none if it has ended. The inner error is the
    /// reason why the proof is wrong, for the log.
    ///
    /// # Errors
    /// A defect of the deployment: the secret of the authenticator cannot be opened.
    pub(crate) fn verify(
        &self,
        app: &App,
        context: &Context,
        user: UserId,
        stored: &Stored,
        challenge: Option<&Challenge>,
    ) -> Result<Result<Proved, String>, Problem> {
        match self {
            Self::Code(code) => {
                let proved = verify_code(*code, user, &stored.totp, app.factor_keys(), app.random())?;
                Ok(proved.ok_or_else(|| "the code is wrong or was used before".to_owned()))
            }
            Self::RecoveryCode(code) => {
                Ok(Ok(Proved::RecoveryCode { hashes: app.factor_keys().recovery_hashes(user, code) }))
            }
            Self::Assertion(answer) => {
                let Some(challenge) = challenge else {
                    return Ok(Err("no such challenge waits for an answer".to_owned()));
                };
                let Some(passkey) = &stored.passkey else {
                    return Ok(Err("the account has no such passkey".to_owned()));
                };
                let ceremony = Ceremony::SecondFactor;
                let verified = answer::verify(app, context, challenge, passkey, answer, ceremony);
                Ok(verified.map(Proved::Passkey).map_err(|reason| reason.to_string()))
            }
        }
    }
}

/// Compares a code with an authenticator. `None` if it is wrong, was used before, or there is no authenticator.
///
/// # Errors
/// As for [`Proof::verify`].
pub(crate) fn verify_code(
    code: TotpCode,
    user: UserId,
    stored: &StoredTotp,
    keys: &FactorKeys,
    random: &dyn Random,
) -> Result<Option<Proved>, Problem> {
    let Some(sealed) = &stored.sealed else { return Ok(None) };
    let secret = TotpSecret::open(user, sealed, keys).map_err(Problem::internal)?;
    let step = secret.matching_step(code, stored.now, stored.last_step);
    Ok(step.map(|step| Proved::Totp {
        sealed: sealed.clone(),
        sealed_anew: secret.seal_anew(user, sealed, keys, random),
        step,
    }))
}

impl Proved {
    /// The methods (RFC 8176) that the proof adds to those of its session. A recovery code is a one-time password, too.
    pub(crate) fn methods(&self) -> &'static [&'static str] {
        match self {
            Self::Totp { .. } | Self::RecoveryCode { .. } => &["otp", "mfa"],
            Self::Passkey(verified) => verified.methods,
        }
    }

    /// The parameters of the function that uses the factor up, after the account.
    pub(crate) fn values(&self) -> Vec<Value> {
        match self {
            Self::Totp { sealed, sealed_anew, step } => {
                vec![sealed.as_slice().into(), sealed_anew.clone().into(), (*step).into()]
            }
            Self::RecoveryCode { hashes } => hashes.iter().map(|hash| hash.as_slice().into()).collect(),
            Self::Passkey(verified) => verified.values().into(),
        }
    }
}
