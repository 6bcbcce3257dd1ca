//! The caller's password, for a change that a stolen token alone must not make.

use users_core::Password;
use users_crypto::{HashError, Verification};
use users_db::Db;
use users_guard::Caller;
use users_web::{Client, Context, Problem};

use crate::App;
use crate::codes::WRONG_PASSWORD;
use crate::guesses::note_last_failure;
use crate::limits::PasswordCounter;
use crate::store::accounts;
use crate::store::limits::{self, Attempt};

/// A password of the caller that is being checked. It counts as a wrong one until the change that follows takes the attempt back.
pub(crate) struct Reauthentication<'a> {
    app: &'a App,
    db: &'a Db,
    context: &'a Context,
    caller: &'a Caller,
    passwords: PasswordCounter,
    attempt: Attempt,
    stored: Option<String>,
}

impl<'a> Reauthentication<'a> {
    /// Counts the password, reads the hash that it is compared with, and gets a slot to compare them.
    ///
    /// # Errors
    /// 429 when too many passwords for the account's address were wrong. 503 when too many passwords are to be hashed; then nothing is
    /// counted.
    pub(crate) async fn begin(
        app: &'a App,
        db: &'a Db,
        context: &'a Context,
        caller: &'a Caller,
        client: &Client,
    ) -> Result<Self, Problem> {
        // A service account has no address, and no password to check.
        let address = caller.user.email.as_deref().unwrap_or_default();
        let passwords = app.limits().passwords(address, client);
        let asking = app.hash_slot();
        let (mut attempt, stored, turn) = match accounts::begin_check(db, caller, &passwords, &asking).await?
        {
            Ok(begun) => begun,
            Err(retry_after) => return Err(passwords.shared.exceeded(retry_after)),
        };
        match asking.settle(db, turn).await {
            Ok(slot) => attempt.slot = Some(slot),
            Err(problem) => {
                limits::forget(db, &attempt).await?;
                return Err(problem);
            }
        }
        Ok(Self { app, db, context, caller, passwords, attempt, stored })
    }

    /// The attempt, for the change that takes it back and returns its slot.
    pub(crate) fn attempt(&self) -> &Attempt {
        &self.attempt
    }

    /// The hash that the password matches. The change that follows names it, and is not made when another change has replaced it.
    ///
    /// # Errors
    /// 403 `wrong_password`; also for an account that has no password yet.
    pub(crate) async fn verified_hash(&self, password: &Password) -> Result<&str, Problem> {
        let verdict = self.app.hasher().verify(password, self.stored.as_deref()).await;
        if verdict.is_err()
            && let Some(slot) = self.attempt.slot
        {
            slot.give_back(self.db).await;
        }
        match (verdict, &self.stored) {
            (Ok(Verification::Match { .. }), Some(stored)) => Ok(stored),
            (Ok(_), _) => {
                let (db, context, user) = (self.db, self.context, self.caller.user.id);
                note_last_failure(db, context, Some(user), &self.attempt, self.passwords.shared.limit)
                    .await?;
                Err(WRONG_PASSWORD.into())
            }
            (Err(error @ HashError::Unreadable), _) => Err(Problem::new(WRONG_PASSWORD).because(error)),
            (Err(error @ HashError::Failed(_)), _) => Err(Problem::internal(error)),
        }
    }

    /// Reads the hash again, after another change has replaced it, and gets another slot.
    ///
    /// # Errors
    /// 503 when too many passwords are to be hashed, and as for any statement.
    pub(crate) async fn read_again(&mut self) -> Result<(), Problem> {
        match self.app.hash_slot().lease(self.db).await {
            Ok(slot) => self.attempt.slot = Some(slot),
            Err(problem) => {
                limits::forget(self.db, &self.attempt).await?;
                return Err(problem);
            }
        }
        self.stored = accounts::password_hash(self.db, self.caller.user.id).await?;
        Ok(())
    }
}
