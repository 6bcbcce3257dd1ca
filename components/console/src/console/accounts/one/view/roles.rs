//! The roles of the account.

use maud::{Markup, html};
use users_core::{Role, RoleLabel};

use super::View;
use crate::console::accounts::one::path_of;
use crate::console::parts::role_choice;
use crate::view::csrf;

impl View<'_> {
    /// The roles, and the form that gives another one.
    pub(super) fn roles(&self, roles: &[Role]) -> Markup {
        let may_change = self.person.account.may("rbac", "write");
        let others: Vec<RoleLabel> = self
            .facts
            .choices
            .iter()
            .filter(|choice| roles.iter().all(|role| role.id != choice.id))
            .cloned()
            .collect();
        let path = path_of(self.facts.user.id);
        html! {
            section.card {
                h2 { (self.text("admin-account-roles-title")) }
                @if roles.is_empty() { p.muted { (self.text("admin-account-roles-none")) } }
                @else {
                    table.list {
                        tbody { @for role in roles { (self.role(&path, role, may_change)) } }
                    }
                }
                @if may_change && !others.is_empty() {
                    form.filters method="post" action={ (path) "/roles" } {
                        (csrf(self.visitor()))
                        (role_choice(self.visitor(), "role_ids", &self.text("admin-account-roles-add"), &others))
                        button { (self.text("admin-account-roles-add-button")) }
                    }
                }
            }
        }
    }

    fn role(&self, path: &str, role: &Role, may_change: bool) -> Markup {
        let name = [("name", role.name.as_str().into())];
        html! {
            tr {
                th scope="row" { a href={ "/console/roles/" (role.id) } { (role.name) } }
                td { (role.description.as_deref().unwrap_or_default()) }
                @if may_change {
                    td {
                        form method="post" action={ (path) "/roles/" (role.id) "/take" } {
                            (csrf(self.visitor()))
                            button.quiet.danger aria-label=(self.visitor().text_with("admin-account-roles-take-one", &name)) {
                                (self.text("admin-account-roles-take"))
                            }
                        }
                    }
                }
            }
        }
    }
}
