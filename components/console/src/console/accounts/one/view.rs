//! The page of one account.

use maud::{Markup, html};
use users_core::{AccountKind, ApiKey, Role, Session};

use super::action::Action;
use super::facts::{Facts, Profile};
use super::path_of;
use crate::api::Refusal;
use crate::browser::{Administrator, Fields, Visitor};
use crate::console::accounts::shown::badges;
use crate::console::parts::{RoleName, role_choice, time};
use crate::view::{Input, alert, csrf};

/// The sessions that the page lists. An account may have thousands.
const SESSIONS: usize = 20;

/// What the page is made of.
pub(super) struct View<'a> {
    pub(super) person: &'a Administrator,
    pub(super) facts: &'a Facts,
    /// What was entered into a form that was refused.
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

    fn account(&self) -> Markup {
        let user = &self.facts.user;
        let yes_or_no = |it| self.text(if it { "admin-account-yes" } else { "admin-account-no" });
        let kind = match user.kind {
            AccountKind::Person => "admin-account-kind-person",
            AccountKind::Service => "admin-account-kind-service",
        };
        html! {
            section.card {
                h2 { (self.text("admin-account-facts")) }
                dl.facts {
                    dt { (self.text("admin-account-fact-id")) } dd { (user.id) }
                    dt { (self.text("admin-account-fact-kind")) } dd { (self.text(kind)) }
                    @if let Some(email) = &user.email {
                        dt { (self.text("admin-account-fact-email")) } dd { (email) }
                        dt { (self.text("admin-account-fact-verified")) } dd { (yes_or_no(user.email_verified)) }
                    }
                    dt { (self.text("admin-account-fact-active")) } dd { (yes_or_no(user.is_active)) }
                    dt { (self.text("admin-account-fact-admin")) } dd { (yes_or_no(user.is_admin)) }
                    dt { (self.text("admin-account-fact-created")) } dd { (time(user.created_at)) }
                    dt { (self.text("admin-account-fact-updated")) } dd { (time(user.updated_at)) }
                }
            }
        }
    }

    /// The profile as text. An address in it is no link: a reader with every right should not follow what somebody else has written.
    fn profile(&self, profile: &Profile) -> Markup {
        let preferences: Vec<_> =
            profile.preferences.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let preferences = Some(preferences.join(", ")).filter(|text| !text.is_empty());
        let rows = [
            ("admin-account-profile-bio", &profile.bio),
            ("admin-account-profile-location", &profile.location),
            ("admin-account-profile-website", &profile.website),
            ("admin-account-profile-avatar", &profile.avatar_url),
            ("admin-account-profile-phone", &profile.phone_number),
            ("admin-account-profile-birth", &profile.birth_date),
            ("admin-account-profile-preferences", &preferences),
        ];
        let filled = rows.into_iter().filter_map(|(key, value)| Some((key, value.as_ref()?)));
        html! {
            section.card {
                h2 { (self.text("admin-account-profile-title")) }
                @if filled.clone().next().is_none() {
                    p.muted { (self.text("admin-account-profile-empty")) }
                } @else {
                    dl.facts { @for (key, value) in filled { dt { (self.text(key)) } dd { (value) } } }
                }
            }
        }
    }

    fn change(&self) -> Markup {
        let user = &self.facts.user;
        if self.is_own() {
            return html! { p.muted { (self.text("admin-account-change-oneself")) } };
        }
        html! {
            form.card method="post" action=(path_of(user.id)) {
                (csrf(self.visitor()))
                h2 { (self.text("admin-account-change-title")) }
                div.fields {
                    @if let Some(email) = &user.email {
                        (self.input("email", "email", "admin-account-change-email", email)
                            .hint(self.text("admin-account-change-email-hint")).required())
                    }
                    (self.input("text", "full_name", "admin-account-change-name", user.full_name.as_deref().unwrap_or_default()))
                }
                div.actions { button { (self.text("admin-account-change-button")) } }
            }
        }
    }

    /// A field with what was entered, or else what is stored, and its faults.
    fn input<'a>(&'a self, kind: &'static str, name: &'a str, label: &str, stored: &str) -> Input<'a> {
        let value = if self.entered.has(name) { self.entered.value(name) } else { stored };
        Input::new(self.visitor(), kind, name, self.text(label))
            .value(value)
            .autocomplete("off")
            .faults(self.refusal, &format!("/{name}"))
    }

    fn roles(&self, roles: &[Role]) -> Markup {
        let may_change = self.person.account.may("rbac", "write");
        let others: Vec<RoleName> = self
            .facts
            .choices
            .iter()
            .cloned()
            .filter(|choice| roles.iter().all(|role| role.id != choice.id))
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

    fn sessions(&self, sessions: &[Session]) -> Markup {
        let more = sessions.len().saturating_sub(SESSIONS);
        html! {
            section.card {
                h2 { (self.text("admin-account-sessions-title")) }
                @if sessions.is_empty() { p.muted { (self.text("admin-account-sessions-none")) } }
                @else {
                    table.list {
                        thead {
                            tr {
                                th scope="col" { (self.text("admin-account-sessions-client")) }
                                th scope="col" { (self.text("admin-account-sessions-address")) }
                                th scope="col" { (self.text("admin-account-sessions-begun")) }
                                th scope="col" { (self.text("admin-account-sessions-used")) }
                            }
                        }
                        tbody { @for session in sessions.iter().take(SESSIONS) { (self.session(session)) } }
                    }
                    @if more > 0 {
                        p.muted { (self.visitor().text_with("admin-account-sessions-more", &[("count", more.into())])) }
                    }
                }
            }
        }
    }

    fn session(&self, session: &Session) -> Markup {
        let unknown = self.text("admin-account-sessions-unknown");
        html! {
            tr {
                th scope="row" {
                    (session.client.as_deref().unwrap_or(&unknown)) " "
                    @if session.is_current { span.badge.good { (self.text("admin-account-sessions-current")) } }
                }
                td data-label=(self.text("admin-account-sessions-address")) { (session.address.as_deref().unwrap_or(&unknown)) }
                td data-label=(self.text("admin-account-sessions-begun")) { (time(session.created_at)) }
                td data-label=(self.text("admin-account-sessions-used")) { (time(session.last_used_at)) }
            }
        }
    }

    fn keys(&self, keys: &[ApiKey]) -> Markup {
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
        html! {
            form.card method="post" action={ (path_of(self.facts.user.id)) "/api-keys" } {
                (csrf(self.visitor()))
                h2 { (self.text("admin-account-keys-new")) }
                (self.input("text", "name", "admin-account-keys-new-name", "")
                    .hint(self.text("admin-account-keys-new-name-hint")).required())
                (self.input("text", "permissions", "admin-account-keys-new-permissions", "")
                    .hint(self.text("admin-account-keys-new-permissions-hint")))
                (self.input("text", "addresses", "admin-account-keys-new-addresses", "")
                    .hint(self.text("admin-account-keys-new-addresses-hint")))
                (self.input("date", "expires_at", "admin-account-keys-new-expires", "")
                    .hint(self.text("admin-account-keys-new-expires-hint")))
                div.actions { button { (self.text("admin-account-keys-new-button")) } }
            }
        }
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
                            href={ (path_of(user.id)) "/" (action.name()) } { (self.text(action.words().button)) }
                    }
                }
            }
        }
    }
}
