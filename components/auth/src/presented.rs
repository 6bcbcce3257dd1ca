//! The form that presents a token, for introspection and revocation.

use serde::Deserialize;
use users_web::{Checks, Field, Input};

/// A token in a form (RFC 7662 section 2.1, RFC 7009 section 2.1).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Presented {
    token: Field<String>,
    token_type_hint: Field<String>,
}

impl Input for Presented {
    type Accepted = String;

    /// The token. The hint changes nothing, because each kind of token is recognized by its shape.
    fn check(self, checks: &mut Checks) -> Option<String> {
        let token = checks.required("/token", self.token);
        checks.optional("/token_type_hint", self.token_type_hint)?;
        token
    }
}
