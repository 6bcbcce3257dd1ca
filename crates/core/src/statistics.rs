//! Figures about the whole service.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Timestamp;

/// Figures about the whole service at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({
    "accounts": 1204, "new_this_week": 31, "active_sessions": 377, "oldest_unsent_mail_seconds": null, "schema_version": 46,
    "hours": [
        {"hour": "2026-05-15T08:00:00.000000Z", "attempts": 61, "logins": 54},
        {"hour": "2026-05-15T09:00:00.000000Z", "attempts": 17, "logins": 16},
    ],
})))]
pub struct Statistics {
    /// The number of accounts, of people and of programs, active or not.
    #[schema(minimum = 0, maximum = 9_223_372_036_854_775_807_i64)]
    pub accounts: i64,
    /// The number of accounts that were created in the last seven days, from the beginning of that hour on, and that still exist.
    #[schema(minimum = 0, maximum = 9_223_372_036_854_775_807_i64)]
    pub new_this_week: i64,
    /// The number of sessions that have not ended.
    #[schema(minimum = 0, maximum = 9_223_372_036_854_775_807_i64)]
    pub active_sessions: i64,
    /// The age of the oldest e-mail that waits to be sent, in seconds; null if none waits.
    #[schema(required, minimum = 0, maximum = 9_223_372_036_854_775_807_i64)]
    pub oldest_unsent_mail_seconds: Option<i64>,
    /// The number of the newest migration of the database.
    #[schema(minimum = 1, maximum = 9_223_372_036_854_775_807_i64)]
    pub schema_version: i64,
    /// The last 24 hours, oldest first. The last one is not over yet.
    #[schema(max_items = 24)]
    pub hours: Vec<LoginHour>,
}

impl Statistics {
    /// The number of [`Statistics::hours`].
    pub const HOURS: i32 = 24;
}

/// The logins of an hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LoginHour {
    /// The beginning of the hour.
    pub hour: Timestamp,
    /// The number of attempts to log in with a password, also of those that a limit refused.
    #[schema(minimum = 0, maximum = 9_223_372_036_854_775_807_i64)]
    pub attempts: i64,
    /// The number of attempts that opened a session.
    #[schema(minimum = 0, maximum = 9_223_372_036_854_775_807_i64)]
    pub logins: i64,
}
