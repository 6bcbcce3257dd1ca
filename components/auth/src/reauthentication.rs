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
use crate::store::limits::Attempt;

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
    /// Counts the password, and reads the hash that it is compared with.
    ///
    /// # Errors
    /// 429 when too many passwords for the account's address were wrong.
    pub(crate) async fn begin(
        app: &'a App,
        db: &'a Db,
        context: &'a Context,
        caller: &'a Caller,
        client: &Client,
    ) -> Result<Self, Problem> {
        let passwords = app.limits().passwords(&caller.user.email, client);
        match accounts::begin_check(db, caller, &passwords).await? {
            Ok((attempt, stored)) => Ok(Self { app, db, context, caller, passwords, attempt, stored }),
            Err(retry_after) => Err(passwords.shared.exceeded(retry_after)),
        }
    }

    /// The attempt, for the change that takes it back.
    pub(crate) fn attempt(&self) -> &Attempt {
        &self.attempt
    }

    /// The hash that the password matches. The change that follows names it, and is not made when another change has replaced it.
    ///
    /// # Errors
    /// 403 `wrong_password`; also for an account that has no password yet.
    pub(crate) async fn verified_hash(&self, password: &Password) -> Result<&str, Problem> {
        match (self.app.hasher().verify(password, self.stored.as_deref()).await, &self.stored) {
            (Ok(Verification::Match { .. }), Some(stored)) => Ok(stored),
            (Ok(_), _) => {
                let (db, context, user) = (self.db, self.context, self.caller.user.id);
                note_last_failure(db, context, Some(user), &self.attempt, &self.passwords).await?;
                Err(WRONG_PASSWORD.into())
            }
            (Err(error @ HashError::Unreadable), _) => Err(Problem::new(WRONG_PASSWORD).because(error)),
            (Err(error @ HashError::Failed(_)), _) => Err(Problem::internal(error)),
        }
    }

    /// Reads the hash again, after another change has replaced it.
    ///
    /// # Errors
    /// As for any statement.
    pub(crate) async fn read_again(&mut self) -> Result<(), Problem> {
        self.stored = accounts::password_hash(self.db, self.caller.user.id).await?;
        Ok(())
    }
}
