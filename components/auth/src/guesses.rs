//! Accounts whose passwords somebody guesses.

use users_core::{Limit, UserId};
use users_db::Db;
use users_web::{Context, Problem, warn};

use crate::store::limits::{self, Attempt};

/// After a wrong password, or a wrong second factor, which counts as one: returns the slot in which it was hashed. If no further one may be wrong for
/// now, a line of the log and, once a day, an e-mail tell of it. Without an account the statement runs as well, so that the time of the answer does
/// not tell whether there is one. `failures` is the limit of wrong passwords.
///
/// # Errors
/// As for any statement.
pub(crate) async fn note_last_failure(
    db: &Db,
    context: &Context,
    user: Option<UserId>,
    attempt: &Attempt,
    failures: Option<Limit>,
) -> Result<(), Problem> {
    if !attempt.is_last {
        if let Some(slot) = attempt.slot {
            slot.give_back(db).await;
        }
        return Ok(());
    }
    if user.is_some() {
        warn(context, "the wrong passwords for an account have reached their limit");
    }
    limits::tell_of_guesses(db, user, attempt, failures).await?;
    Ok(())
}

/// Returns the outcome of a comparison. If nothing could be compared, because of a defect, the attempt does not count for the account. It still
/// counts for the challenge of a login, which ends at `limit_codes`.
///
/// # Errors
/// The defect, and as for any statement.
pub(crate) async fn unless_defect<T>(
    db: &Db,
    attempt: &Attempt,
    outcome: Result<T, Problem>,
) -> Result<T, Problem> {
    if outcome.is_err() {
        limits::take_back(db, attempt).await?;
    }
    outcome
}
