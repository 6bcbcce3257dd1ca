//! `GET /console/check`: may somebody do something?
//!
//! The form is sent with `GET`, because a question changes nothing. Its address can be kept and shared.

use axum::extract::State;
use axum::http::StatusCode;
use futures::future::join;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::api::{Api, Refusal, with_query};
use crate::browser::{Administrator, Fields, Visitor};
use crate::state::Console;
use crate::view::{Again, Input, Page, again, alert};

/// The path of the page.
pub(crate) const PATH: &str = "/console/check";

/// The number of accounts among which an address is looked for.
const LOOKED_THROUGH: &str = "100";

/// The longest text that the API searches for, in characters. An address may be longer.
const LONGEST_SEARCH: usize = 100;

/// 200 with the form and, once it has been sent, the answer. If the API refuses the question, its status, with the form.
pub(crate) async fn show(
    State(console): State<Console>,
    Administrator { visitor, .. }: Administrator,
) -> Again {
    let question = visitor.query();
    if !question.has("resource") && !question.has("action") {
        return Ok(page(&visitor, None, &html! {}));
    }
    let answer = match answer(console.api(), &visitor, question).await {
        Ok(found) => found.shown(&visitor),
        Err(Unanswered::Nobody) => unfound(&visitor.text("check-nobody")),
        Err(Unanswered::Several) => unfound(&visitor.text("check-several")),
        Err(Unanswered::Refused(refusal)) => {
            return again(&refusal, Ok(page(&visitor, Some(&refusal), &html! {})));
        }
    };
    Ok(page(&visitor, None, &answer))
}

fn page(visitor: &Visitor, refusal: Option<&Refusal>, answer: &Markup) -> Page {
    let sent = visitor.query();
    let content = html! {
        p { (visitor.text("check-introduction")) }
        (alert(visitor, refusal))
        form.card method="get" action=(PATH) {
            div.fields {
                (Input::new(visitor, "text", "user_id", visitor.text("check-who"))
                    .value(sent.value("user_id")).hint(visitor.text("check-who-hint")).faults(refusal, "/user_id"))
                (Input::new(visitor, "text", "resource", visitor.text("check-resource"))
                    .value(sent.value("resource")).hint(visitor.text("check-resource-hint")).required()
                    .faults(refusal, "/resource"))
                (Input::new(visitor, "text", "action", visitor.text("check-action"))
                    .value(sent.value("action")).hint(visitor.text("check-action-hint")).required()
                    .faults(refusal, "/action"))
            }
            div.actions { button { (visitor.text("check-button")) } }
        }
        (answer)
    };
    Page::new(visitor.text("check-title"), content)
}

fn unfound(text: &str) -> Markup {
    html! { p.alert.bad role="alert" { span { (text) } } }
}

/// The answer, and the facts that explain it.
#[derive(Debug)]
struct Found {
    decision: Decision,
    /// `None` when the person may not read accounts.
    person: Option<Person>,
    /// The roles that grant the permission.
    granting: Vec<Role>,
}

#[derive(Debug, Deserialize)]
struct Decision {
    allowed: bool,
    user_id: i32,
    resource: String,
    action: String,
}

#[derive(Debug, Deserialize)]
struct Person {
    id: i32,
    email: Option<String>,
    full_name: Option<String>,
    is_active: bool,
    is_admin: bool,
}

#[derive(Debug, Deserialize)]
struct Role {
    name: String,
    #[serde(default)]
    requires_second_factor: bool,
    permissions: Vec<Permission>,
}

#[derive(Debug, Deserialize)]
struct Permission {
    resource: String,
    action: String,
}

/// The reason why there is no answer.
#[derive(Debug)]
enum Unanswered {
    /// No account has this number or address.
    Nobody,
    /// Several accounts have the text in their address or name.
    Several,
    Refused(Refusal),
}

impl From<Refusal> for Unanswered {
    fn from(refusal: Refusal) -> Self {
        if refusal.status() == StatusCode::NOT_FOUND { Self::Nobody } else { Self::Refused(refusal) }
    }
}

async fn answer(api: &Api, visitor: &Visitor, question: &Fields) -> Result<Found, Unanswered> {
    let mut body = Map::new();
    for name in ["resource", "action"] {
        body.insert(name.to_owned(), question.value(name).trim().into());
    }
    if let Some(who) = question.optional("user_id") {
        body.insert("user_id".to_owned(), account(api, visitor, who).await?);
    }
    let decision: Decision = api.post(visitor, "/rbac/check-permission", &body).await?;
    let id = decision.user_id;
    let (person, roles) = join(
        api.get::<Person>(visitor, format!("/users/{id}")),
        api.get::<Vec<Role>>(visitor, format!("/rbac/users/{id}/roles")),
    )
    .await;
    // An answer without its explanation is better than none.
    let granting = roles.unwrap_or_default().into_iter().filter(|role| role.grants(&decision));
    Ok(Found { granting: granting.collect(), person: person.ok(), decision })
}

/// The id of an account: the number itself, or that of the account with this address.
async fn account(api: &Api, visitor: &Visitor, who: &str) -> Result<Value, Unanswered> {
    if who.bytes().all(|octet| octet.is_ascii_digit()) {
        // The API refuses a number that no account can have, and names the field.
        return who.parse::<u64>().map(Value::from).map_err(|_| Unanswered::Nobody);
    }
    let searched: String = who.chars().take(LONGEST_SEARCH).collect();
    let path = with_query("/users/", &[("search", &searched), ("limit", LOOKED_THROUGH)]);
    let mut found: Vec<Person> = api.get(visitor, path).await?;
    let same =
        |person: &Person| person.email.as_ref().is_some_and(|it| it.to_lowercase() == who.to_lowercase());
    if let Some(person) = found.iter().find(|person| same(person)) {
        return Ok(json!(person.id));
    }
    if searched != who {
        return Err(Unanswered::Nobody);
    }
    match (found.pop(), found.is_empty()) {
        (None, _) => Err(Unanswered::Nobody),
        (Some(person), true) => Ok(json!(person.id)),
        (Some(_), false) => Err(Unanswered::Several),
    }
}

impl Role {
    /// Returns true if the role grants it by the default policy: the permission itself, all actions on the resource, or everything.
    fn grants(&self, decision: &Decision) -> bool {
        self.permissions.iter().any(|it| {
            let is_everything = it.resource == "admin" && it.action == "all";
            is_everything
                || (it.resource == decision.resource
                    && [&decision.action, "all"].contains(&it.action.as_str()))
        })
    }
}

impl Found {
    fn shown(&self, visitor: &Visitor) -> Markup {
        let right = format!("{}:{}", self.decision.resource, self.decision.action);
        let id = self.decision.user_id;
        let who = self
            .person
            .as_ref()
            .and_then(Person::name)
            .unwrap_or_else(|| visitor.text_with("check-account", &[("id", id.into())]));
        let values = [("who", who.into()), ("right", right.into())];
        let (class, text) = if self.decision.allowed {
            ("alert good", visitor.text_with("check-allowed", &values))
        } else {
            ("alert bad", visitor.text_with("check-denied", &values))
        };
        html! {
            section.card aria-labelledby="answer" {
                h2 id="answer" { (visitor.text("check-answer")) }
                p class=(class) { strong { (text) } }
                @for reason in self.reasons(visitor) { p { (reason) } }
                @if self.person.is_some() { p { a href=(format!("/console/accounts/{id}")) { (visitor.text("check-to-account")) } } }
            }
        }
    }

    fn reasons(&self, visitor: &Visitor) -> Vec<String> {
        let mut reasons = Vec::new();
        if self.person.as_ref().is_some_and(|person| !person.is_active) {
            reasons.push(visitor.text("check-is-inactive"));
        }
        if self.person.as_ref().is_some_and(|person| person.is_admin) {
            reasons.push(visitor.text("check-is-administrator"));
        }
        if !self.granting.is_empty() {
            // A role that grants what is refused may count with a second factor only. Otherwise a policy of the installation refuses it.
            let needs_factor =
                !self.decision.allowed && self.granting.iter().all(|role| role.requires_second_factor);
            let text = if needs_factor { "check-by-strict-roles" } else { "check-by-roles" };
            let names: Vec<&str> = self.granting.iter().map(|role| role.name.as_str()).collect();
            reasons.push(visitor.text_with(text, &[("roles", names.join(", ").into())]));
        } else if !self.decision.allowed {
            reasons.push(visitor.text("check-no-role"));
        }
        reasons
    }
}

impl Person {
    /// The address, or the name of a program's account.
    fn name(&self) -> Option<String> {
        self.email.clone().or_else(|| self.full_name.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_explains_a_right_by_itself_by_all_of_the_resource_or_by_everything() {
        let decision = Decision {
            allowed: true,
            user_id: 1,
            resource: "article".to_owned(),
            action: "publish".to_owned(),
        };
        let role = |resource: &str, action: &str| Role {
            name: "x".to_owned(),
            requires_second_factor: false,
            permissions: vec![Permission { resource: resource.to_owned(), action: action.to_owned() }],
        };
        for (resource, action) in [("article", "publish"), ("article", "all"), ("admin", "all")] {
            assert!(role(resource, action).grants(&decision), "{resource}:{action}");
        }
        for (resource, action) in
            [("article", "read"), ("report", "publish"), ("report", "all"), ("admin", "read")]
        {
            assert!(!role(resource, action).grants(&decision), "{resource}:{action}");
        }
    }
}
