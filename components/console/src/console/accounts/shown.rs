//! How pages show an account.

use maud::{Markup, html};
use users_core::{AccountKind, User};

use crate::browser::Visitor;

/// The name of an account on pages: the name of its owner, or else its address, or else its number.
pub(crate) fn name_of(visitor: &Visitor, user: &User) -> String {
    let name = user.full_name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    match name.or(user.email.as_deref()) {
        Some(name) => name.to_owned(),
        None => unnamed(visitor, user.id.get()),
    }
}

/// The name of an account of which only the number is known.
pub(crate) fn unnamed(visitor: &Visitor, id: i32) -> String {
    visitor.text_with("admin-account-name-unnamed", &[("id", id.to_string().into())])
}

/// The badges of an account: everything that is unusual about it.
pub(crate) fn badges(visitor: &Visitor, user: &User) -> Markup {
    let is_person = user.kind == AccountKind::Person;
    html! {
        @if !user.is_active { span.badge.bad { (visitor.text("admin-account-badge-inactive")) } " " }
        @if user.is_admin { span.badge { (visitor.text("admin-account-badge-admin")) } " " }
        @if is_person && !user.email_verified {
            span.badge.warn { (visitor.text("admin-account-badge-unverified")) } " "
        }
        @if !is_person { span.badge { (visitor.text("admin-account-badge-service")) } }
    }
}
