//! The page of one account.

mod facts;
mod keys;
mod roles;
mod sessions;

use maud::{Markup, html};

use super::action::Action;
use super::facts::Facts;
use super::path_of;
use crate::api::Refusal;
use crate::browser::{Administrator, Fields, Visitor};
use crate::console::accounts::shown::badges;
use crate::console::parts::form_card;
use crate::view::{Input, alert};

/// The data of the page.
pub(super) struct View<'a> {
    pub(super) person: &'a Administrator,
    pub(super) facts: &'a Facts,
    /// The text that was entered into a refused form.
    pub(super) entered: &'a Fields,
    pub(super) refusal: Option<&'a Refusal>,
}

impl View<'_> {
    fn visitor(&self) -> &Visitor {
        &self.person.visitor
    }

    fn text(&self, key: &str) -> String {
        self.visitor().text(key)
    }

    fn may_write(&self) -> bool {
        self.person.account.may("accounts", "write")
    }

    fn is_own(&self) -> bool {
        self.person.account.id == self.facts.user.id.get()
    }

    /// The content of the page.
    pub(super) fn content(&self) -> Markup {
        let Facts { user, profile, roles, sessions, keys, .. } = self.facts;
        html! {
            p { (badges(self.visitor(), user)) a href=(super::super::ROOT) { (self.text("admin-account-back")) } }
            (alert(self.visitor(), self.refusal))
            @if self.facts.is_partial { p.alert.warn { (self.text("admin-account-partial")) } }
            div.cards {
                (self.account())
                @if let Some(profile) = profile { (self.profile(profile)) }
            }
            @if self.may_write() { (self.change()) }
            @if let Some(roles) = roles { (self.roles(roles)) }
            @if let Some(sessions) = sessions { (self.sessions(sessions)) }
            @if let Some(keys) = keys { (self.keys(keys)) }
            @if self.may_write() { (self.actions()) } @else { p.muted { (self.text("admin-account-readonly")) } }
        }
    }

    fn change(&self) -> Markup {
        let user = &self.facts.user;
        if self.is_own() {
            return html! { p.muted { (self.text("admin-account-change-oneself")) } };
        }
        let content = html! {
            div.fields {
                @if let Some(email) = &user.email {
                    (self.input("email", "email", "admin-account-change-email", email)
                        .hint(self.text("admin-account-change-email-hint")).required())
                }
                (self.input("text", "full_name", "admin-account-change-name", user.full_name.as_deref().unwrap_or_default()))
            }
            div.actions { button { (self.text("admin-account-change-button")) } }
        };
        form_card(self.visitor(), &path_of(user.id), &self.text("admin-account-change-title"), &content)
    }

    /// A field with its faults, and with the text that was entered, or else the one that is stored.
    fn input<'a>(&'a self, kind: &'static str, name: &'a str, label: &str, stored: &str) -> Input<'a> {
        let value = if self.entered.has(name) { self.entered.value(name) } else { stored };
        Input::new(self.visitor(), kind, name, self.text(label))
            .value(value)
            .autocomplete("off")
            .faults(self.refusal, &format!("/{name}"))
    }

    /// The actions that change something about this account. Each leads to a page that says what will happen.
    fn actions(&self) -> Markup {
        let user = &self.facts.user;
        let is_offered = |action: &Action| {
            let (resource, right) = action.needed();
            self.person.account.may(resource, right) && action.is_useful(user, self.is_own())
        };
        html! {
            section.card.danger {
                h2 { (self.text("admin-account-actions-title")) }
                div.actions {
                    @for action in Action::ALL.iter().filter(|action| is_offered(action)) {
                        a class=(if action.is_dangerous() { "button quiet danger" } else { "button quiet" })
                            href={ (path_of(user.id)) "/" (action.name()) } { (self.text(&action.words().button)) }
                    }
                }
            }
        }
    }
}
