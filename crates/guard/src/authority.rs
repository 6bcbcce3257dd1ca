//! How far a caller's administration goes.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use users_core::{Subject, UserId};
use users_db::{FromValue, Value};
use users_web::Problem;
use users_web::openapi::{Describe, Operation};

use crate::codes::{ADMIN_REQUIRED, EXCEEDS_OWN_RIGHTS};
use crate::policy::granted;

/// How far a caller's administration goes. [`Administers`](crate::Administers) stores it for the handler. A store passes it to the
/// database, which decides in the statement that makes the change (see `migrations/0031_partial_administration.up.sql`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authority {
    /// An administrator, whom nothing is refused.
    Full,
    /// A caller with a permission such as `accounts:write`, who neither changes what belongs to administrators nor gives rights that
    /// the caller lacks.
    Partial {
        /// The caller.
        caller: UserId,
        /// The caller's rights as `resource:action`, as this request has them.
        rights: Vec<String>,
    },
}

impl Authority {
    pub(crate) fn partial(subject: &Subject) -> Self {
        let rights = granted(subject).map(|it| format!("{}:{}", it.resource, it.action));
        Self::Partial { caller: subject.user, rights: rights.collect() }
    }

    /// The parameter `caller` of the database's functions: null for an administrator.
    #[must_use]
    pub fn caller(&self) -> Value {
        match self {
            Self::Full => Value::Null,
            Self::Partial { caller, .. } => (*caller).into(),
        }
    }

    /// The parameter `caller_rights` of the database's functions: null for an administrator.
    #[must_use]
    pub fn rights(&self) -> Value {
        match self {
            Self::Full => Value::Null,
            Self::Partial { rights, .. } => rights.clone().into(),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Authority {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| Problem::internal("the access rule of this route finds out no authority"))
    }
}

impl Describe for Authority {
    fn describe(_: &mut Operation) {}
}

/// The reason why the database refuses a change to a caller who is not an administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overreach {
    /// The change is left to administrators.
    Administrator,
    /// The change would give rights that the caller lacks.
    Rights,
}

/// Reads the column `refusal`, which is null if the change is allowed.
impl FromValue for Overreach {
    fn from_value(value: Value) -> Option<Self> {
        match String::from_value(value)?.as_str() {
            "administrator" => Some(Self::Administrator),
            "rights" => Some(Self::Rights),
            _ => None,
        }
    }
}

impl From<Overreach> for Problem {
    fn from(overreach: Overreach) -> Self {
        match overreach {
            Overreach::Administrator => Self::new(ADMIN_REQUIRED)
                .with_detail("Only administrators change what belongs to administrators; ask one of them."),
            Overreach::Rights => EXCEEDS_OWN_RIGHTS.into(),
        }
    }
}
