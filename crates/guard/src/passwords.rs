//! The rules for new passwords, as components ask them. In a component, the judge is the password component that is composed into it
//! (`wit/password.wit`). In a native program, it is the default rule itself.

use users_core::{Candidate, DeniedWords, Email, NewPassword, Password, PasswordError, PasswordRules};
use users_web::{Checks, Problem, Rules, Variables};

#[cfg(target_family = "wasm")]
use imported::judge;
#[cfg(not(target_family = "wasm"))]
use native::judge;

/// The rules for new passwords in a deployment. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Passwords(PasswordRules);

impl Passwords {
    /// The rules with the operator's words, which the variable `denied_words` contains.
    ///
    /// # Errors
    /// A defect of the deployment: the variable is missing or malformed.
    pub async fn read(variables: &impl Variables) -> Result<Self, Problem> {
        Ok(Self::new(variables.get("denied_words").await?.parse().map_err(Problem::internal)?))
    }

    fn new(words: DeniedWords) -> Self {
        Self(PasswordRules::new(words, judge))
    }

    /// Checks the rules for an account with this address and this owner.
    ///
    /// # Errors
    /// 422 at the pointer.
    pub fn check(
        &self,
        pointer: &str,
        password: &Password,
        email: Option<&Email>,
        full_name: Option<&str>,
    ) -> Result<(), Problem> {
        self.0
            .check(password, email, full_name)
            .map_err(|rule: PasswordError| Problem::broken(pointer, &rule.to_string()))
    }
}

impl Default for Passwords {
    /// The rules without words of the operator.
    fn default() -> Self {
        Self::new(DeniedWords::default())
    }
}

impl<S: AsRef<Self>> Rules<S> for Passwords {
    fn of(state: &S) -> Self {
        state.as_ref().clone()
    }
}

/// Checks a new password of a request, while its other fields are checked. `None` means that the password is broken.
pub fn check_password(
    checks: &mut Checks<Passwords>,
    pointer: &str,
    password: NewPassword,
    email: Option<&Email>,
    full_name: Option<&str>,
) -> Option<Password> {
    match checks.rules().0.accept(password, email, full_name) {
        Ok(password) => Some(password),
        Err(rule) => checks.broken(pointer, rule.to_string()),
    }
}

#[cfg(not(target_family = "wasm"))]
mod native {
    use super::Candidate;

    pub(super) fn judge(candidate: &Candidate<'_>) -> Result<(), String> {
        if users_password::is_common(candidate.folded) {
            Err(users_password::REASON.to_owned())
        } else {
            Ok(())
        }
    }
}

#[cfg(target_family = "wasm")]
mod imported {
    wit_bindgen::generate!({ path: "../../wit/password.wit", world: "password-user" });

    use users::password::rule;
    use zeroize::Zeroize as _;

    pub(super) fn judge(candidate: &super::Candidate<'_>) -> Result<(), String> {
        let mut candidate = rule::Candidate {
            password: candidate.password.to_owned(),
            folded: candidate.folded.to_owned(),
            email: candidate.email.map(str::to_owned),
            full_name: candidate.full_name.map(str::to_owned),
            denied_words: candidate.denied_words.iter().map(str::to_owned).collect(),
        };
        let verdict = rule::judge(&candidate);
        candidate.password.zeroize();
        candidate.folded.zeroize();
        match verdict {
            rule::Verdict::Acceptable => Ok(()),
            rule::Verdict::Refused(reason) => Err(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use futures::executor::block_on;

    use super::*;

    fn passwords(words: &str) -> Result<Passwords, Problem> {
        block_on(Passwords::read(&BTreeMap::from([("denied_words".to_owned(), words.to_owned())])))
    }

    fn refused(words: &str, password: &str) -> bool {
        let password = Password::from(password.to_owned());
        passwords(words).unwrap().check("/password", &password, None, None).is_err()
    }

    #[test]
    fn common_passwords_and_denied_words_are_refused() {
        for password in ["PassWord123", "qwertyuiop", "i work at 4cme"] {
            assert!(refused("acme", password), "{password}");
        }
        assert!(!refused("acme", "i work at a company"));
        assert!(!refused("", "i work at 4cme"));
    }

    #[test]
    fn a_wrong_list_of_words_is_a_defect_that_names_the_variable() {
        let problem = passwords("acme,x").unwrap_err();
        assert!(problem.cause().unwrap().starts_with("the variable denied_words must be a list"));
        let missing = block_on(Passwords::read(&BTreeMap::new())).unwrap_err();
        assert!(missing.cause().unwrap().contains("denied_words"));
    }

    /// The description of the field is in `users-core`, which does not know the list.
    #[test]
    fn the_document_states_the_number_of_common_passwords() {
        let number = users_password::number_of_common_passwords();
        let number = format!("{},{:03}", number / 1000, number % 1000);
        let schema = serde_json::to_value(<NewPassword as utoipa::PartialSchema>::schema()).unwrap();
        let description = schema["description"].as_str().unwrap();
        assert!(description.contains(&format!(" {number} most common")), "{number}: {description}");
    }
}
