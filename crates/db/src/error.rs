//! What can go wrong with a statement.

/// A statement that failed. The texts are for the log: they name constraints and tables, never a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DbError {
    /// Postgres cannot be reached, went away, or has no resources left. Trying again later may help.
    #[error("the database is unavailable: {cause}")]
    Unavailable {
        /// The cause, for the log.
        cause: String,
        /// What may be tried again at once.
        retry: Retry,
    },
    /// Postgres rolled the statement back in favour of another one (SQLSTATE class 40): nothing was changed.
    #[error("the statement was rolled back: {cause}")]
    RolledBack {
        /// The cause, for the log.
        cause: String,
    },
    /// A constraint forbids the change (SQLSTATE class 23): nothing was changed.
    #[error("the constraint {constraint} forbids it: {cause}")]
    Constraint {
        /// The name of the constraint or of the unique index.
        constraint: String,
        /// The cause, for the log.
        cause: String,
    },
    /// A defect on one side or the other: the statement, a type, the schema.
    #[error("the statement failed: {cause}")]
    Failed {
        /// SQLSTATE, when Postgres gave one.
        code: Option<String>,
        /// The cause, for the log.
        cause: String,
    },
}

/// What may be tried again at once after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Any statement: this one certainly never reached Postgres.
    Anything,
    /// What changes nothing: this one may have been run.
    Reads,
    /// Nothing: the client has waited long enough.
    Nothing,
}

/// SQLSTATE of a table that does not exist.
const UNDEFINED_TABLE: &str = "42P01";

impl DbError {
    /// Whether the named constraint forbids the change.
    #[must_use]
    pub fn violates(&self, name: &str) -> bool {
        matches!(self, Self::Constraint { constraint, .. } if constraint == name)
    }

    /// Whether a table of the statement does not exist, as before the first migration.
    #[must_use]
    pub fn is_undefined_table(&self) -> bool {
        matches!(self, Self::Failed { code: Some(code), .. } if code == UNDEFINED_TABLE)
    }

    /// A statement that always returns a row returned none: a defect of the statement.
    #[must_use]
    pub fn missing_row() -> Self {
        Self::failed("the statement returned no row")
    }

    /// A defect that Postgres has no part in.
    pub(crate) fn failed(cause: impl std::fmt::Display) -> Self {
        Self::Failed { code: None, cause: cause.to_string() }
    }

    /// From what Postgres reports. Its `detail` quotes values and is left out; so is the message of a data exception
    /// (class 22), which quotes them as well.
    pub(crate) fn reported(code: &str, message: &str, constraint: Option<&str>) -> Self {
        let cause = if code.starts_with("22") {
            format!("SQLSTATE {code}")
        } else {
            format!("SQLSTATE {code}: {message}")
        };
        match (code.get(..2).unwrap_or_default(), constraint) {
            ("23", Some(constraint)) => Self::Constraint { constraint: constraint.to_owned(), cause },
            ("40", _) => Self::RolledBack { cause },
            // Connection exceptions, insufficient resources, operator intervention, system errors; and a standby that
            // takes no writes while a failover is under way.
            ("08" | "53" | "57" | "58", _) => Self::Unavailable { cause, retry: Retry::Reads },
            _ if code == "25006" => Self::Unavailable { cause, retry: Retry::Reads },
            _ => Self::Failed { code: Some(code.to_owned()), cause },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_sorted_by_its_sqlstate() {
        let unavailable = |code| matches!(DbError::reported(code, "m", None), DbError::Unavailable { .. });
        for code in ["08006", "53300", "53100", "57P01", "57P03", "57014", "58030", "25006"] {
            assert!(unavailable(code), "{code}");
        }
        assert!(DbError::reported("23505", "m", Some("users_email_key")).violates("users_email_key"));
        assert!(!DbError::reported("23505", "m", Some("users_email_key")).violates("users_pkey"));
        assert!(matches!(DbError::reported("40P01", "m", None), DbError::RolledBack { .. }));
        assert!(DbError::reported("42P01", "m", None).is_undefined_table());
        assert!(matches!(DbError::reported("", "m", None), DbError::Failed { .. }));
    }

    #[test]
    fn the_message_of_a_data_exception_stays_out() {
        let error = DbError::reported("22P02", "invalid input syntax for type integer: \"secret\"", None);
        assert!(!error.to_string().contains("secret"));
    }
}
