//! What Postgres has said of statements: the types of their parameters. Whoever knows them need not ask again, and sends
//! a statement, its values and the order to run it in one message, where Spin takes three. Postgres parses and plans the
//! statement anew all the same, unless it reads no table (`query.rs`), and a value of the wrong type fails as it does in Spin.
//! Differences that are left: when a migration widens a column while components run, a value of its old type still fits,
//! until the host starts again; a function that is called without a table stays the one of its arguments' types that was first
//! found, until its connection ends; and within a transaction, which components of this service have none of, a statement
//! that has to be prepared anew fails.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_postgres::Statement;
use tokio_postgres::types::Type;

/// Statements that are remembered per pool. A component has fewer; one that writes values into its statements would
/// otherwise fill the memory.
const STATEMENTS: usize = 256;
/// Bytes of a statement that is remembered, for the same reason. The longest one of ours has some 3,000.
const LONGEST: usize = 16 << 10;

/// The statements of one pool, so of one database, whose own types have their own numbers.
#[derive(Default)]
pub(crate) struct Known(Mutex<HashMap<String, Arc<[Type]>>>);

impl Known {
    /// The types of a statement's parameters, once they were learnt.
    pub(super) fn parameters(&self, statement: &str) -> Option<Arc<[Type]>> {
        self.statements().get(statement).cloned()
    }

    /// Keeps what the server has said of a statement.
    pub(super) fn learn(&self, statement: &str, said: &Statement) {
        let columns = said.columns().iter().map(tokio_postgres::Column::type_);
        if said.params().iter().chain(columns).all(is_built_in) {
            self.keep(statement, said.params());
        }
    }

    fn keep(&self, statement: &str, parameters: &[Type]) {
        if statement.len() > LONGEST {
            return;
        }
        let mut statements = self.statements();
        if statements.len() >= STATEMENTS && !statements.contains_key(statement) {
            statements.clear();
        }
        statements.insert(statement.to_owned(), parameters.into());
    }

    /// For a statement that failed: a migration may have changed what it is about.
    pub(super) fn forget(&self, statement: &str) {
        self.statements().remove(statement);
    }

    fn statements(&self) -> MutexGuard<'_, HashMap<String, Arc<[Type]>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a type is one of Postgres's own. Of others, each connection has to ask what they are, and must not while an answer
/// that nobody reads yet is in its way.
fn is_built_in(of: &Type) -> bool {
    Type::from_oid(of.oid()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_known_until_it_fails() {
        let known = Known::default();
        assert!(known.parameters("SELECT $1 + 1").is_none());
        known.keep("SELECT $1 + 1", &[Type::INT4]);
        assert_eq!(known.parameters("SELECT $1 + 1").as_deref(), Some(&[Type::INT4][..]));
        known.forget("SELECT $1 + 1");
        assert!(known.parameters("SELECT $1 + 1").is_none());
    }

    #[test]
    fn statements_without_end_do_not_fill_the_memory() {
        let known = Known::default();
        for number in 0..10 * STATEMENTS {
            known.keep(&format!("SELECT {number}"), &[]);
        }
        assert!(known.statements().len() <= STATEMENTS);
        let long = "-".repeat(LONGEST + 1);
        known.keep(&long, &[]);
        assert!(known.parameters(&long).is_none());
    }
}
