//! `DELETE /auth/sessions/{session_id}`: ends a session of the current account.

use serde::Deserialize;
use users_core::SessionId;
use users_guard::Caller;
use users_web::{About, Checks, Code, Database, Field, Input, NoContent, Parsed, PathInput, Problem};

use super::ended;
use crate::store::sessions;

/// The parameter of the path: the session.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct SessionPath {
    session_id: Field<Parsed<SessionId>>,
}

impl Input for SessionPath {
    type Accepted = SessionId;

    fn check(self, checks: &mut Checks) -> Option<SessionId> {
        checks.required("/session_id", self.session_id).map(|Parsed(id)| id)
    }
}

pub(crate) fn about() -> About {
    About::new(
        "endSession",
        "End a session of the current account",
        "The session has ended: its tokens fail from the next request on.",
    )
    .text(
        "The current session may end itself, as in a logout. To end another one needs a login or a `POST /auth/reauthenticate` within the last \
         10 minutes. A session of another account is 404.",
    )
    .problems([Code::NOT_FOUND])
}

/// 204; 404 when the caller has no such session; 401 when another session is to end and the caller's is not fresh.
pub(crate) async fn handle(
    Database(db): Database,
    caller: Caller,
    PathInput(session): PathInput<SessionPath>,
) -> Result<NoContent, Problem> {
    let asking = caller.own_session()?;
    if session != asking {
        caller.require_fresh()?;
    }
    ended(sessions::end_one(&db, caller.user.id, asking, session).await?)
}
