//! `/console/permissions…`: the permissions, and the matrix of what each role grants.

pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod delete;
mod grants;
pub(crate) mod matrix;
pub(crate) mod one;
pub(crate) mod save;

use maud::{Markup, html};
use serde_json::{Map, Value};
use users_core::Permission;

use crate::api::Refusal;
use crate::browser::{Fields, Visitor};
use crate::view::Input;

/// The path of the matrix.
pub(crate) const ROOT: &str = "/console/permissions";

/// The values of the fields of a permission.
struct Shown<'a> {
    name: &'a str,
    description: &'a str,
    resource: &'a str,
    action: &'a str,
}

impl<'a> Shown<'a> {
    /// The text that was entered into a refused form.
    fn entered(form: &'a Fields) -> Self {
        Self {
            name: form.value("name"),
            description: form.value("description"),
            resource: form.value("resource"),
            action: form.value("action"),
        }
    }

    fn fields(&self, visitor: &Visitor, refusal: Option<&Refusal>) -> Markup {
        let input = |name, label, value, pointer| {
            Input::new(visitor, "text", name, label).value(value).autocomplete("off").faults(refusal, pointer)
        };
        html! {
            div.fields {
                (input("name", visitor.text("permissions-new-name"), self.name, "/name").required())
                (input("description", visitor.text("permissions-new-description"), self.description, "/description"))
                (input("resource", visitor.text("permissions-new-resource"), self.resource, "/resource").required())
                (input("action", visitor.text("permissions-new-action"), self.action, "/action").required()
                    .hint(visitor.text("permissions-new-action-hint")))
            }
        }
    }
}

/// The body of the request that makes a permission.
fn body(form: &Fields) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("name".to_owned(), form.value("name").into());
    body.insert("description".to_owned(), form.optional("description").into());
    body.insert("resource".to_owned(), form.value("resource").trim().into());
    body.insert("action".to_owned(), form.value("action").trim().into());
    body
}

/// The body of the request that changes a permission: the fields that differ from the stored ones. People who lack a right may not give
/// it, but may change the name of its permission.
fn change_of(permission: &Permission, form: &Fields) -> Map<String, Value> {
    let mut body = body(form);
    body.retain(|name, value| match name.as_str() {
        "name" => *value != *permission.name,
        "description" => value.as_str() != permission.description.as_deref(),
        "resource" => *value != *permission.resource,
        _ => *value != *permission.action,
    });
    body
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_differs_is_changed() {
        let permission = json!({"id": 1, "name": "n", "description": null, "resource": "r", "action": "a"});
        let permission: Permission = serde_json::from_value(permission).unwrap();
        let of = |form: &str| Value::Object(change_of(&permission, &Fields::parse(form.as_bytes())));
        assert_eq!(of("name=n&description=&resource=r&action=a"), json!({}));
        assert_eq!(
            of("name=m&description=d&resource=+r+&action=a"),
            json!({"name": "m", "description": "d"})
        );
        assert_eq!(of("name=n&resource=s&action=b"), json!({"resource": "s", "action": "b"}));
    }
}
