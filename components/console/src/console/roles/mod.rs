//! `/console/roles…`: the roles, and who has them.

pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod holders;
pub(crate) mod list;
pub(crate) mod one;

use maud::{Markup, html};
use serde_json::{Map, Value};
use users_core::Role;

use crate::api::Refusal;
use crate::browser::{Fields, Visitor};
use crate::console::parts::choice;
use crate::view::Input;

/// The path of the list.
pub(crate) const ROOT: &str = "/console/roles";

/// The field of a role that counts only for people who have proved a second factor.
const STRICT: &str = "requires_second_factor";

/// The values of the fields of a role.
struct Shown<'a> {
    name: &'a str,
    description: &'a str,
    is_default: bool,
    requires_second_factor: bool,
}

impl<'a> Shown<'a> {
    /// The text that was entered into a refused form.
    fn entered(form: &'a Fields) -> Self {
        Self {
            name: form.value("name"),
            description: form.value("description"),
            is_default: form.has("is_default"),
            requires_second_factor: form.has(STRICT),
        }
    }

    fn fields(&self, visitor: &Visitor, refusal: Option<&Refusal>) -> Markup {
        html! {
            div.fields {
                (Input::new(visitor, "text", "name", visitor.text("roles-new-name"))
                    .value(self.name).autocomplete("off").required().faults(refusal, "/name"))
                (Input::new(visitor, "text", "description", visitor.text("roles-new-description"))
                    .value(self.description).autocomplete("off").faults(refusal, "/description"))
            }
            (choice("is_default", "true", self.is_default, &visitor.text("roles-new-default")))
            (choice(STRICT, "true", self.requires_second_factor, &visitor.text("roles-new-strict")))
        }
    }
}

/// The body of the request that makes a role. Another page sets its permissions.
fn body(form: &Fields) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("name".to_owned(), form.value("name").into());
    body.insert("description".to_owned(), form.optional("description").into());
    body.insert("is_default".to_owned(), form.has("is_default").into());
    body.insert(STRICT.to_owned(), form.has(STRICT).into());
    body
}

/// The body of the request that changes a role: the fields that differ from the stored ones. Somebody else may be changing the others.
fn change_of(role: &Role, form: &Fields) -> Map<String, Value> {
    let mut body = body(form);
    body.retain(|name, value| match name.as_str() {
        "name" => *value != *role.name,
        "description" => value.as_str() != role.description.as_deref(),
        STRICT => value.as_bool() != Some(role.requires_second_factor),
        _ => value.as_bool() != Some(role.is_default),
    });
    body
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_box_that_is_not_ticked_means_no_and_no_description_null() {
        let of = |form: &str| Value::Object(body(&Fields::parse(form.as_bytes())));
        let bare =
            json!({"name": "a", "description": null, "is_default": false, "requires_second_factor": false});
        assert_eq!(of("name=a&description="), bare);
        let whole =
            json!({"name": "a", "description": "b", "is_default": true, "requires_second_factor": true});
        assert_eq!(of("name=a&description=b&is_default=true&requires_second_factor=true"), whole);
    }

    #[test]
    fn only_what_differs_is_changed() {
        let role = json!({
            "id": 1, "name": "a", "description": "b", "is_default": true, "requires_second_factor": true, "permissions": [],
        });
        let role: Role = serde_json::from_value(role).unwrap();
        let of = |form: &str| Value::Object(change_of(&role, &Fields::parse(form.as_bytes())));
        assert_eq!(of("name=a&description=b&is_default=true&requires_second_factor=true"), json!({}));
        let all =
            json!({"name": "c", "description": null, "is_default": false, "requires_second_factor": false});
        assert_eq!(of("name=c&description="), all);
    }
}
