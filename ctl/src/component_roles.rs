//! The variables that give each component a role of its own in the database.

use clap::Args;

use crate::check_config::Check;

/// `db_user_<component>` and `db_password_<component>`. An empty user means the role for all, `db_user`.
#[derive(Args)]
pub(crate) struct ComponentRoles {
    #[arg(long, global = true, hide = true, env = "SPIN_VARIABLE_DB_USER_AUTH", default_value = "")]
    db_user_auth: String,
    #[arg(
        long,
        global = true,
        hide = true,
        env = "SPIN_VARIABLE_DB_PASSWORD_AUTH",
        hide_env_values = true,
        default_value = ""
    )]
    db_password_auth: String,
    #[arg(long, global = true, hide = true, env = "SPIN_VARIABLE_DB_USER_USERS", default_value = "")]
    db_user_users: String,
    #[arg(
        long,
        global = true,
        hide = true,
        env = "SPIN_VARIABLE_DB_PASSWORD_USERS",
        hide_env_values = true,
        default_value = ""
    )]
    db_password_users: String,
    #[arg(long, global = true, hide = true, env = "SPIN_VARIABLE_DB_USER_RBAC", default_value = "")]
    db_user_rbac: String,
    #[arg(
        long,
        global = true,
        hide = true,
        env = "SPIN_VARIABLE_DB_PASSWORD_RBAC",
        hide_env_values = true,
        default_value = ""
    )]
    db_password_rbac: String,
    #[arg(long, global = true, hide = true, env = "SPIN_VARIABLE_DB_USER_PROFILE", default_value = "")]
    db_user_profile: String,
    #[arg(
        long,
        global = true,
        hide = true,
        env = "SPIN_VARIABLE_DB_PASSWORD_PROFILE",
        hide_env_values = true,
        default_value = ""
    )]
    db_password_profile: String,
    #[arg(long, global = true, hide = true, env = "SPIN_VARIABLE_DB_USER_SYSTEM", default_value = "")]
    db_user_system: String,
    #[arg(
        long,
        global = true,
        hide = true,
        env = "SPIN_VARIABLE_DB_PASSWORD_SYSTEM",
        hide_env_values = true,
        default_value = ""
    )]
    db_password_system: String,
}

impl ComponentRoles {
    /// Each component with its user and its password.
    fn all(&self) -> [(&'static str, &str, &str); 5] {
        [
            ("auth", &self.db_user_auth, &self.db_password_auth),
            ("users", &self.db_user_users, &self.db_password_users),
            ("rbac", &self.db_user_rbac, &self.db_password_rbac),
            ("profile", &self.db_user_profile, &self.db_password_profile),
            ("system", &self.db_user_system, &self.db_password_system),
        ]
    }

    /// The components that have a user and a password of their own, with both.
    pub(crate) fn logins(&self) -> impl Iterator<Item = (&'static str, &str, &str)> {
        self.all().into_iter().filter(|(_, user, password)| !user.is_empty() && !password.is_empty())
    }

    /// Checks that each component has a password, of its own role or of the role for all, whose password is `shared`.
    pub(crate) fn check(&self, shared: &str) -> Vec<Check> {
        let mut checks = Vec::new();
        let mut sharing = Vec::new();
        for (component, user, password) in self.all() {
            match (user.is_empty(), password.is_empty()) {
                (true, true) => sharing.push(component),
                (false, false) => checks.push(Ok(format!("{component} has the role {user} of its own"))),
                (false, true) => checks.push(Err(format!(
                    "db_user_{component} is set, and db_password_{component} is not: set both, or neither"
                ))),
                (true, false) => checks.push(Err(format!(
                    "db_password_{component} is set, and db_user_{component} is not: set both, or neither"
                ))),
            }
        }
        let sharing = sharing.join(", ");
        checks.push(match (sharing.is_empty(), shared.is_empty()) {
            (true, true) => Ok("db_password is empty, and no component needs it".to_owned()),
            (true, false) => {
                Ok("db_password is set, which only usersctl needs: take it from the service".to_owned())
            }
            (false, false) => Ok(format!("db_password is set, for {sharing}")),
            (false, true) => Err(format!(
                "db_password is not set, and these components have no role of their own: {sharing}"
            )),
        });
        checks
    }
}

/// Shows no password.
impl std::fmt::Debug for ComponentRoles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ComponentRoles").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::ComponentRoles;

    fn roles(user: &str, password: &str) -> ComponentRoles {
        let both = || (user.to_owned(), password.to_owned());
        let (db_user_auth, db_password_auth) = both();
        let (db_user_users, db_password_users) = both();
        let (db_user_rbac, db_password_rbac) = both();
        let (db_user_profile, db_password_profile) = both();
        let (db_user_system, db_password_system) = both();
        ComponentRoles {
            db_user_auth,
            db_password_auth,
            db_user_users,
            db_password_users,
            db_user_rbac,
            db_password_rbac,
            db_user_profile,
            db_password_profile,
            db_user_system,
            db_password_system,
        }
    }

    fn failed(roles: &ComponentRoles, shared: &str) -> Vec<String> {
        roles.check(shared).into_iter().filter_map(Result::err).collect()
    }

    #[test]
    fn a_component_has_its_own_role_or_that_of_all() {
        assert_eq!(failed(&roles("u", "p"), ""), [""; 0]);
        assert_eq!(failed(&roles("", ""), "p"), [""; 0]);
        assert_eq!(
            failed(&roles("", ""), ""),
            [
                "db_password is not set, and these components have no role of their own: auth, users, rbac, profile, system"
            ]
        );
    }

    #[test]
    fn half_a_role_is_refused() {
        for half in [roles("u", ""), roles("", "p")] {
            assert_eq!(failed(&half, "p").len(), 5);
        }
    }

    #[test]
    fn passwords_are_not_shown() {
        let roles = roles("u", "hunter2");
        let shown = format!("{roles:?} {:?}", roles.check("hunter3"));
        assert!(!shown.contains("hunter"), "{shown}");
    }
}
