//! The components, made from the application's variables as each makes itself in WebAssembly.

use std::collections::BTreeMap;

use users_crypto::PasswordHasher;
use users_db::DbSettings;
use users_web::{Component, Guard, Problem, Route, Settings};

type Variables = BTreeMap<String, String>;

/// Everything that serves HTTP, by its name in the manifest.
pub(crate) fn all(variables: &Variables) -> BTreeMap<&'static str, Component> {
    let made = [
        (auth::NAME, auth(variables)),
        (users::NAME, guarded(users::NAME, users::routes(), variables)),
        (profile::NAME, guarded(profile::NAME, profile::routes(), variables)),
        (rbac::NAME, guarded(rbac::NAME, rbac::routes(), variables)),
        (system::NAME, Ok(system(variables))),
        (docs::NAME, Ok(Component::new(docs::NAME, docs::routes(), ()))),
    ];
    let whole = |(name, made): (&'static str, Result<Component, Problem>)| {
        (name, made.unwrap_or_else(|problem| Component::broken(name, problem)))
    };
    made.into_iter().map(whole).collect()
}

fn auth(variables: &Variables) -> Result<Component, Problem> {
    let app = auth::App::new(&settings(variables)?, PasswordHasher::new())?;
    Ok(Component::new(auth::NAME, auth::routes(), app).logging_queries(logs_queries(variables)?))
}

fn guarded(
    name: &'static str,
    routes: Vec<Route<Guard>>,
    variables: &Variables,
) -> Result<Component, Problem> {
    let guard = Guard::new(&settings(variables)?)?;
    Ok(Component::new(name, routes, guard).logging_queries(logs_queries(variables)?))
}

fn system(variables: &Variables) -> Component {
    let app = system::App::new(db_settings(variables));
    let log_queries = logs_queries(variables).unwrap_or(false);
    Component::new(system::NAME, system::routes(), app).logging_queries(log_queries)
}

fn settings(variables: &Variables) -> Result<Settings, Problem> {
    Ok(Settings {
        db: db_settings(variables)?,
        jwt_secret: variable(variables, "jwt_secret")?,
        jwt_secret_previous: variable(variables, "jwt_secret_previous")?,
        jwt_issuer: variable(variables, "jwt_issuer")?,
        jwt_audience: variable(variables, "jwt_audience")?,
    })
}

fn db_settings(variables: &Variables) -> Result<DbSettings, Problem> {
    Ok(DbSettings {
        host: variable(variables, "db_host")?,
        port: variable(variables, "db_port")?
            .parse()
            .map_err(|_| Problem::internal("the variable db_port must be a TCP port"))?,
        name: variable(variables, "db_name")?,
        user: variable(variables, "db_user")?,
        password: variable(variables, "db_password")?,
        sslmode: variable(variables, "db_sslmode")?.parse().map_err(Problem::internal)?,
    })
}

fn logs_queries(variables: &Variables) -> Result<bool, Problem> {
    Ok(variable(variables, "log_queries")? == "true")
}

fn variable(variables: &Variables, name: &str) -> Result<String, Problem> {
    let value = variables.get(name).cloned();
    value.ok_or_else(|| Problem::internal(format!("the variable {name} cannot be read")))
}
