//! `/auth/sessions`: the caller's own sessions.

pub(crate) mod end;
pub(crate) mod end_others;
pub(crate) mod list;

use users_guard::codes::INVALID_TOKEN;
use users_web::{Code, NoContent, Problem};

use crate::store::sessions::Ending;

/// 204 when the sessions, or an API key, have ended.
///
/// # Errors
/// 404 when there is no such session or key, 401 when the caller's own session ended while the request ran.
pub(crate) fn ended(ending: Ending) -> Result<NoContent, Problem> {
    match ending {
        Ending::Ended => Ok(NoContent),
        Ending::Missing => Err(Code::NOT_FOUND.into()),
        Ending::Refused => Err(INVALID_TOKEN.into()),
    }
}
