//! The variables of a component, which `spin.toml` defines.

use std::collections::BTreeMap;

use users_db::{Db, DbSettings};

use crate::Problem;

/// A source of variables: Spin in a component, a map in a native program.
#[expect(
    async_fn_in_trait,
    reason = "components run on one thread, so nobody asks whether the future is Send"
)]
pub trait Variables {
    /// The value of a variable.
    ///
    /// # Errors
    /// A defect of the deployment. The cause of the problem names the variable.
    async fn get(&self, name: &str) -> Result<String, Problem>;

    /// The value of a variable that is `true` or `false`.
    ///
    /// # Errors
    /// A defect of the deployment: the variable is missing or has another value.
    async fn switch(&self, name: &str) -> Result<bool, Problem> {
        match self.get(name).await?.as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(Problem::internal(format!("the variable {name} must be true or false"))),
        }
    }
}

/// Variables with known values.
impl Variables for BTreeMap<String, String> {
    async fn get(&self, name: &str) -> Result<String, Problem> {
        BTreeMap::get(self, name)
            .cloned()
            .ok_or_else(|| Problem::internal(format!("the variable {name} cannot be read")))
    }
}

/// Creates the database of a component from the variables `db_address`, `db_role` and `log_queries`.
///
/// # Errors
/// A defect of the deployment: a variable is missing or malformed.
pub async fn read_db(variables: &impl Variables) -> Result<Db, Problem> {
    let settings: DbSettings = variables.get("db_address").await?.parse().map_err(Problem::internal)?;
    let settings = settings.with_role(&variables.get("db_role").await?).map_err(Problem::internal)?;
    Ok(Db::new(&settings)?.logging_queries(variables.switch("log_queries").await?))
}

/// Creates the state of a component that has no state.
///
/// # Errors
/// Never. The signature is the same for every function that reads a component's state.
pub async fn read_nothing(_: &impl Variables) -> Result<(), Problem> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    #[test]
    fn a_switch_is_true_or_false() {
        let variables = BTreeMap::from(["a", "b"].map(|name| (name.to_owned(), "true".to_owned())));
        assert!(block_on(variables.switch("a")).unwrap());
        assert!(block_on(variables.switch("c")).unwrap_err().cause().unwrap().contains("the variable c"));
        let odd = BTreeMap::from([("a".to_owned(), "yes".to_owned())]);
        let problem = block_on(odd.switch("a")).unwrap_err();
        assert_eq!(problem.cause(), Some("the variable a must be true or false"));
    }
}
