//! What Postgres has said of statements: the types of their parameters. Whoever knows them need not ask again, and sends
//! a statement, its values and the order to run it in one message, where Spin takes three. Postgres parses and plans the
//! statement anew all the same, unless it reads no table (`stays_prepared`), and a value of the wrong type fails as it does in
//! Spin. Differences that are left: when a migration widens a column while components run, a value of its old type still fits,
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
/// Bytes of a statement that stays prepared, which each connection of the pool keeps.
const LONGEST_PREPARED: usize = 1 << 10;

/// What is known of a statement.
pub(super) struct Learnt {
    /// The types of its parameters.
    pub(super) parameters: Vec<Type>,
    /// Whether connections keep it prepared.
    pub(super) stays_prepared: bool,
}

/// The statements of one pool, so of one database, whose own types have their own numbers.
#[derive(Default)]
pub(crate) struct Known(Mutex<HashMap<String, Arc<Learnt>>>);

impl Known {
    /// What was learnt of a statement, once it was.
    pub(super) fn about(&self, statement: &str) -> Option<Arc<Learnt>> {
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
        let learnt = Learnt { parameters: parameters.to_vec(), stays_prepared: stays_prepared(statement) };
        statements.insert(statement.to_owned(), Arc::new(learnt));
    }

    /// For a statement that failed: a migration may have changed what it is about.
    pub(super) fn forget(&self, statement: &str) {
        self.statements().remove(statement);
    }

    fn statements(&self) -> MutexGuard<'_, HashMap<String, Arc<Learnt>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a type is one of Postgres's own. Of others, each connection has to ask what they are, and must not while an answer
/// that nobody reads yet is in its way.
fn is_built_in(of: &Type) -> bool {
    Type::from_oid(of.oid()).is_some()
}

/// Whether a statement has nothing to read besides its parameters and functions, so that no other values would want another plan.
/// One with text in it has none of these: Postgres reads `'today'` or a date once for all, by the settings of that moment.
fn stays_prepared(statement: &str) -> bool {
    if statement.len() > LONGEST_PREPARED || has_text(statement) {
        return false;
    }
    let mut words = statement.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    words.next().is_some_and(|word| word.eq_ignore_ascii_case("select"))
        && words.all(|word| {
            !["from", "into", "select", "table"].iter().any(|other| word.eq_ignore_ascii_case(other))
        })
}

/// Whether there is a string constant: between quotes, or between dollar signs (`$$it$$`, `$tag$it$tag$`).
fn has_text(statement: &str) -> bool {
    let is_digit = |part: &str| part.starts_with(|letter: char| letter.is_ascii_digit());
    statement.contains('\'') || !statement.split('$').skip(1).all(is_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_known_until_it_fails() {
        let known = Known::default();
        assert!(known.about("SELECT $1 + 1").is_none());
        known.keep("SELECT $1 + 1", &[Type::INT4]);
        assert_eq!(known.about("SELECT $1 + 1").unwrap().parameters, [Type::INT4]);
        known.forget("SELECT $1 + 1");
        assert!(known.about("SELECT $1 + 1").is_none());
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
        assert!(known.about(&long).is_none());
    }

    #[test]
    fn only_what_reads_no_table_and_has_no_text_stays_prepared() {
        for (statement, expected) in [
            ("SELECT caller($1, $2) AS caller", true),
            ("select $1 + 1", true),
            ("SELECT name FROM users", false),
            ("SELECT (SELECT 1)", false),
            ("SELECT EXISTS(TABLE users)", false),
            ("TABLE users", false),
            ("WITH it AS (SELECT 1) TABLE it", false),
            ("INSERT INTO users VALUES ($1)", false),
            ("SELECT 'today'::date", false),
            ("SELECT $$today$$::date", false),
            ("SELECT $it$today$it$::date", false),
            ("BEGIN", false),
            ("", false),
        ] {
            assert_eq!(stays_prepared(statement), expected, "{statement}");
        }
        assert!(!stays_prepared(&format!("SELECT {}", "1 + ".repeat(LONGEST_PREPARED))));
    }
}
