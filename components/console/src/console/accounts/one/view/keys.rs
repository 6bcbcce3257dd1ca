//! The API keys of the account.

use maud::{Markup, html};
use users_core::{AccountKind, ApiKey};

use super::View;
use crate::console::accounts::one::path_of;
use crate::console::parts::{form_card, time};
use crate::view::csrf;

impl View<'_> {
    /// The keys, and for a service account the form that makes one more.
    pub(super) fn keys(&self, keys: &[ApiKey]) -> Markup {
        let is_program = self.facts.user.kind == AccountKind::Service;
        html! {
            section.card {
                h2 { (self.text("admin-account-keys-title")) }
                @if keys.is_empty() { p.muted { (self.text("admin-account-keys-none")) } }
                @else {
                    table.list {
                        thead {
                            tr {
                                th scope="col" { (self.text("admin-account-keys-name")) }
                                th scope="col" { (self.text("admin-account-keys-permissions")) }
                                th scope="col" { (self.text("admin-account-keys-addresses")) }
                                th scope="col" { (self.text("admin-account-keys-expires")) }
                                th scope="col" { (self.text("admin-account-keys-used")) }
                                @if self.may_write() { th scope="col" { span.hidden { (self.text("admin-account-keys-end")) } } }
                            }
                        }
                        tbody { @for key in keys { (self.key(key)) } }
                    }
                }
            }
            @if is_program && self.may_write() { (self.new_key()) }
        }
    }

    fn key(&self, key: &ApiKey) -> Markup {
        let list = |items: &Option<Vec<String>>, all, none| match items.as_deref() {
            None => self.text(all),
            Some([]) => self.text(none),
            Some(items) => items.join(", "),
        };
        let name = [("name", key.name.as_str().into())];
        html! {
            tr {
                th scope="row" { (key.name) }
                td data-label=(self.text("admin-account-keys-permissions")) {
                    (list(&key.permissions, "admin-account-keys-permissions-all", "admin-account-keys-permissions-none"))
                }
                td data-label=(self.text("admin-account-keys-addresses")) {
                    (list(&key.addresses, "admin-account-keys-addresses-all", "admin-account-keys-addresses-none"))
                }
                td data-label=(self.text("admin-account-keys-expires")) {
                    @match key.expires_at { Some(at) => (time(at)), None => (self.text("admin-account-keys-expires-never")) }
                }
                td data-label=(self.text("admin-account-keys-used")) {
                    @match key.last_used_at { Some(at) => (time(at)), None => (self.text("admin-account-keys-used-never")) }
                }
                @if self.may_write() {
                    td {
                        form method="post" action={ (path_of(self.facts.user.id)) "/api-keys/" (key.id) "/end" } {
                            (csrf(self.visitor()))
                            button.quiet.danger aria-label=(self.visitor().text_with("admin-account-keys-end-one", &name)) {
                                (self.text("admin-account-keys-end"))
                            }
                        }
                    }
                }
            }
        }
    }

    fn new_key(&self) -> Markup {
        let content = html! {
            (self.input("text", "name", "admin-account-keys-new-name", "")
                .hint(self.text("admin-account-keys-new-name-hint")).required())
            (self.input("text", "permissions", "admin-account-keys-new-permissions", "")
                .hint(self.text("admin-account-keys-new-permissions-hint")))
            (self.input("text", "addresses", "admin-account-keys-new-addresses", "")
                .hint(self.text("admin-account-keys-new-addresses-hint")))
            (self.input("date", "expires_at", "admin-account-keys-new-expires", "")
                .hint(self.text("admin-account-keys-new-expires-hint")))
            div.actions { button { (self.text("admin-account-keys-new-button")) } }
        };
        let action = format!("{}/api-keys", path_of(self.facts.user.id));
        form_card(self.visitor(), &action, &self.text("admin-account-keys-new"), &content)
    }
}
