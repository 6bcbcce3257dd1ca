//! The application's variables. The manifest declares them, and `SPIN_VARIABLE_*` overrides them. A component reads them through
//! the templates in its own `variables` table.

mod host;

use std::collections::HashMap;

use users_spin_manifest::Template;

pub(crate) use host::{HasVariables, VariablesState};

/// The reason why a variable has no value. The variants are the same as in `spin:variables`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// The name is malformed.
    #[error("invalid variable name: {0}")]
    InvalidName(String),
    /// The component's `variables` table does not have the name.
    #[error("undefined variable: {0}")]
    Undefined(String),
    /// The variable is declared, but has no value.
    #[error("{0}")]
    Provider(String),
    /// The template is malformed.
    #[error("invalid variable template: {0}")]
    InvalidTemplate(String),
}

/// A source of values. They override the defaults of the manifest.
pub(crate) type Source = Box<dyn Fn(&str) -> Result<Option<String>, String> + Send + Sync>;

/// The application's variables, and each component's templates.
pub(crate) struct Variables {
    defaults: HashMap<String, Option<String>>,
    components: HashMap<String, HashMap<String, Template>>,
    source: Source,
}

impl Variables {
    /// Creates the variables from the manifest's `[variables]` table: names with their defaults.
    ///
    /// # Errors
    /// When a name is malformed.
    pub(crate) fn new(
        declared: impl IntoIterator<Item = (String, Option<String>)>,
        source: Source,
    ) -> Result<Self, Error> {
        let defaults: HashMap<_, _> = declared.into_iter().collect();
        defaults.keys().try_for_each(|name| check_name(name))?;
        Ok(Self { defaults, components: HashMap::new(), source })
    }

    /// Declares the variables of `component`: each name with the template of its value.
    ///
    /// # Errors
    /// When a name or template is invalid, or a template names a variable that the application does not have.
    pub(crate) fn add_component(
        &mut self,
        component: &str,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<(), Error> {
        let mut templates = HashMap::new();
        for (name, value) in variables {
            check_name(&name)?;
            templates.insert(name, self.template(&value)?);
        }
        self.components.insert(component.to_owned(), templates);
        Ok(())
    }

    /// Returns the value of `name` for `component`.
    ///
    /// # Errors
    /// See [`Error`]. A malformed name is reported before an undefined one.
    pub(crate) fn get(&self, component: &str, name: &str) -> Result<String, Error> {
        check_name(name)?;
        let template =
            self.components.get(component).and_then(|variables| variables.get(name)).ok_or_else(|| {
                Error::Undefined(format!("component {component:?} has no variable {name:?}"))
            })?;
        self.expand(template)
    }

    /// Parses a template and checks that the application declares its variables.
    ///
    /// # Errors
    /// [`Error::InvalidTemplate`] if the template is malformed or names another variable.
    pub(crate) fn template(&self, text: &str) -> Result<Template, Error> {
        let template = Template::parse(text).map_err(|error| Error::InvalidTemplate(error.to_string()))?;
        if let Some(name) = template.names().find(|name| !self.defaults.contains_key(*name)) {
            return Err(Error::InvalidTemplate(format!("unknown variable {name:?}")));
        }
        Ok(template)
    }

    /// Replaces the variables in a template by their values.
    ///
    /// # Errors
    /// When a variable has no value.
    pub(crate) fn expand(&self, template: &Template) -> Result<String, Error> {
        template.expand(|name| self.value(name))
    }

    /// Checks that every variable has a value, as Spin does before it compares an address with the allowed hosts.
    ///
    /// # Errors
    /// When a variable has no value. The error names the first one.
    pub(crate) fn all_have_values(&self) -> Result<(), Error> {
        self.defaults.keys().try_for_each(|name| self.value(name).map(drop))
    }

    /// The required variables without a value, sorted by name.
    pub(crate) fn missing(&self) -> Vec<&str> {
        let mut names: Vec<_> =
            self.defaults.keys().map(String::as_str).filter(|name| self.value(name).is_err()).collect();
        names.sort_unstable();
        names
    }

    fn value(&self, name: &str) -> Result<String, Error> {
        if let Some(value) = (self.source)(name).map_err(Error::Provider)? {
            return Ok(value);
        }
        let default = self.defaults.get(name).ok_or_else(|| Error::InvalidName(name.to_owned()))?;
        default.clone().ok_or_else(|| Error::Provider(format!("the required variable {name:?} has no value")))
    }
}

/// Reads `SPIN_VARIABLE_NAME` from the environment, and then from the `.env` file of the current folder, as Spin does.
pub(crate) fn environment() -> Source {
    let file: HashMap<String, String> =
        dotenvy::from_path_iter(".env").into_iter().flatten().filter_map(Result::ok).collect();
    Box::new(move |name| {
        let name = format!("SPIN_VARIABLE_{}", name.to_ascii_uppercase());
        match std::env::var(&name) {
            Ok(value) => Ok(Some(value)),
            Err(std::env::VarError::NotPresent) => Ok(file.get(&name).cloned()),
            Err(std::env::VarError::NotUnicode(_)) => Err(format!("{name} is not valid UTF-8")),
        }
    })
}

/// Checks Spin's rules for names: a name starts with a lower-case letter, ends with a letter or digit, and has no double
/// underscores.
fn check_name(name: &str) -> Result<(), Error> {
    let bad = name.chars().find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '_'));
    let reason = if name.is_empty() {
        "a name cannot be empty".to_owned()
    } else if let Some(bad) = bad {
        format!("{bad:?} is neither a lower-case letter, a digit nor an underscore")
    } else if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        "the first character must be a letter".to_owned()
    } else if name.ends_with('_') {
        "the last character must be a letter or digit".to_owned()
    } else if name.contains("__") {
        "two underscores must not follow each other".to_owned()
    } else {
        return Ok(());
    };
    Err(Error::InvalidName(format!("{name:?}: {reason}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(environment: &'static [(&'static str, &'static str)]) -> Variables {
        let source: Source = Box::new(move |name| {
            Ok(environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
        });
        let declared = [("db_host", Some("localhost")), ("db_port", Some("5432")), ("jwt_secret", None)];
        let declared = declared.map(|(name, default)| (name.to_owned(), default.map(str::to_owned)));
        let mut variables = Variables::new(declared, source).unwrap();
        let auth = [("address", "{{ db_host }}:{{db_port}}"), ("secret", "{{ jwt_secret }}"), ("fixed", "a")];
        variables
            .add_component("auth", auth.map(|(name, value)| (name.to_owned(), value.to_owned())))
            .unwrap();
        variables
    }

    #[test]
    fn a_component_sees_its_own_names_with_values_filled_in() {
        let variables = variables(&[("db_port", "6000"), ("jwt_secret", "s")]);
        assert_eq!(variables.get("auth", "address").unwrap(), "localhost:6000");
        assert_eq!(variables.get("auth", "secret").unwrap(), "s");
        assert_eq!(variables.get("auth", "fixed").unwrap(), "a");
    }

    #[test]
    fn an_undeclared_name_is_undefined_even_if_the_application_has_it() {
        let variables = variables(&[]);
        assert!(matches!(variables.get("auth", "db_host"), Err(Error::Undefined(_))));
        assert!(matches!(variables.get("users", "address"), Err(Error::Undefined(_))));
    }

    #[test]
    fn a_required_variable_without_a_value_is_a_provider_error() {
        let variables = variables(&[]);
        assert!(matches!(variables.get("auth", "secret"), Err(Error::Provider(_))));
        assert_eq!(variables.missing(), ["jwt_secret"]);
        assert!(variables.all_have_values().is_err());
    }

    #[test]
    fn names_follow_spins_rules() {
        for good in ["a", "a1", "db_host", "a_1_b"] {
            check_name(good).unwrap();
        }
        for bad in ["", "A", "1a", "_a", "a_", "a__b", "a-b", "ä"] {
            assert!(matches!(check_name(bad), Err(Error::InvalidName(_))), "{bad:?}");
        }
    }

    #[test]
    fn a_template_cannot_name_an_unknown_variable() {
        assert!(matches!(variables(&[]).template("{{ nobody }}"), Err(Error::InvalidTemplate(_))));
    }
}
