//! Errors of statements.

/// The reason why a statement failed. The messages are for the log: they name constraints and tables, but contain no values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DbError {
    /// Postgres cannot be reached, broke the connection, or lacks resources. A later retry may succeed.
    #[error("the database is unavailable: {cause}")]
    Unavailable {
        /// The cause, for the log.
        cause: String,
        /// The kind of statement that may be retried at once.
        retry: Retry,
    },
    /// Postgres rolled the statement back because of a concurrent statement (SQLSTATE class 40). Nothing was changed.
    #[error("the statement was rolled back: {cause}")]
    RolledBack {
        /// The cause, for the log.
        cause: String,
    },
    /// The change violates a constraint (SQLSTATE class 23). Nothing was changed.
    #[error("the change violates the constraint {constraint}: {cause}")]
    Constraint {
        /// The name of the constraint or of the unique index.
        constraint: String,
        /// The cause, for the log.
        cause: String,
    },
    /// The statement, a type or the schema is wrong. This is a defect of the service or of the database.
    #[error("the statement failed: {cause}")]
    Failed {
        /// The SQLSTATE, if Postgres reported one.
        code: Option<String>,
        /// The cause, for the log.
        cause: String,
    },
}

/// The kind of statement that may be retried at once after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Every statement, because the failed one did not reach Postgres.
    Anything,
    /// Only reads, because Postgres may have run the failed statement.
    Reads,
    /// None, because the client has waited long enough.
    Nothing,
}

/// The SQLSTATEs of a standby, to which the address may lead during a failover. `read_only_sql_transaction` refuses a write. A statement
/// with an unlogged table is refused earlier, when it is planned, with `feature_not_supported`. Postgres has no code of its own for that, and
/// its message depends on the server's language. Nothing that the service asks for is otherwise unsupported, except that a plan which a
/// migration has outdated has this code, too: a new connection has no such plan.
const REFUSED_BY_A_STANDBY: [&str; 2] = ["25006", "0A000"];

/// The SQLSTATE `undefined_table`.
const UNDEFINED_TABLE: &str = "42P01";

impl DbError {
    /// Returns true when the change violates the named constraint or unique index.
    #[must_use]
    pub fn violates(&self, name: &str) -> bool {
        matches!(self, Self::Constraint { constraint, .. } if constraint == name)
    }

    /// Returns true when a table of the statement does not exist, for example before the first migration.
    #[must_use]
    pub fn is_undefined_table(&self) -> bool {
        matches!(self, Self::Failed { code: Some(code), .. } if code == UNDEFINED_TABLE)
    }

    /// The error for a statement that must return a row but returned none. This is a defect of the statement.
    #[must_use]
    pub fn missing_row() -> Self {
        Self::failed("the statement returned no row")
    }

    /// A defect that Postgres did not report.
    pub(crate) fn failed(cause: impl std::fmt::Display) -> Self {
        Self::Failed { code: None, cause: cause.to_string() }
    }

    /// Converts an error report of Postgres. The `detail` of a report and the message of a data exception (class 22) quote
    /// values, so both are left out.
    pub(crate) fn from_report(code: &str, message: &str, constraint: Option<&str>) -> Self {
        let cause = if code.starts_with("22") {
            format!("SQLSTATE {code}")
        } else {
            format!("SQLSTATE {code}: {message}")
        };
        match (code.get(..2).unwrap_or_default(), constraint) {
            ("23", Some(constraint)) => Self::Constraint { constraint: constraint.to_owned(), cause },
            ("40", _) => Self::RolledBack { cause },
            // Connection exceptions, insufficient resources, operator intervention, system errors.
            ("08" | "53" | "57" | "58", _) => Self::Unavailable { cause, retry: Retry::Reads },
            _ if REFUSED_BY_A_STANDBY.contains(&code) => Self::Unavailable { cause, retry: Retry::Reads },
            _ => Self::Failed { code: Some(code.to_owned()), cause },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sqlstate_determines_the_error() {
        let unavailable = |code| matches!(DbError::from_report(code, "m", None), DbError::Unavailable { .. });
        for code in ["08006", "53300", "53100", "57P01", "57P03", "57014", "58030", "25006", "0A000"] {
            assert!(unavailable(code), "{code}");
        }
        assert!(DbError::from_report("23505", "m", Some("users_email_key")).violates("users_email_key"));
        assert!(!DbError::from_report("23505", "m", Some("users_email_key")).violates("users_pkey"));
        assert!(matches!(DbError::from_report("40P01", "m", None), DbError::RolledBack { .. }));
        assert!(DbError::from_report("42P01", "m", None).is_undefined_table());
        assert!(matches!(DbError::from_report("", "m", None), DbError::Failed { .. }));
    }

    #[test]
    fn the_message_of_a_data_exception_is_left_out() {
        let error = DbError::from_report("22P02", "invalid input syntax for type integer: \"secret\"", None);
        assert!(!error.to_string().contains("secret"));
    }
}
