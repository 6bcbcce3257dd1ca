//! The navigation of the pages.

use maud::{Markup, html};

use crate::browser::{Account, Visitor};
use crate::{account, console};

/// A link of the navigation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    /// The path of the page.
    pub(crate) path: &'static str,
    /// The key of the text, which begins with `nav-`.
    pub(crate) key: &'static str,
    /// The right that people need to see the link: a resource and an action. `None` for everybody.
    pub(crate) right: Option<(&'static str, &'static str)>,
}

impl Entry {
    /// A link for everybody who is signed in.
    pub(crate) const fn new(path: &'static str, key: &'static str) -> Self {
        Self { path, key, right: None }
    }

    /// Returns the same link, for people with this right.
    pub(crate) const fn requiring(self, resource: &'static str, action: &'static str) -> Self {
        Self { right: Some((resource, action)), ..self }
    }

    fn is_for(&self, account: &Account) -> bool {
        self.right.is_none_or(|(resource, action)| account.may(resource, action))
    }

    /// Returns true if the page of the request is this one or below it.
    fn is_current(&self, path: &str) -> bool {
        let is_root = [account::ROOT, console::ROOT].contains(&self.path);
        let rest = path.trim_end_matches('/').strip_prefix(self.path);
        rest.is_some_and(|rest| rest.is_empty() || (!is_root && rest.starts_with('/')))
    }
}

/// The links of the current area, and a link to the other one.
pub(super) fn navigation(visitor: &Visitor, person: &Account) -> Markup {
    // People who may not administer anything get a refusal there, without the links of that area.
    let is_console = visitor.path().starts_with(console::ROOT) && person.may_administrate();
    let (label, entries) = if is_console {
        (visitor.text("navigation-console"), console::NAVIGATION)
    } else {
        (visitor.text("navigation-account"), account::NAVIGATION)
    };
    let other = if is_console {
        Some((account::ROOT, visitor.text("navigation-account")))
    } else {
        person.may_administrate().then(|| (console::ROOT, visitor.text("navigation-console")))
    };
    html! {
        nav.navigation aria-label=(label) {
            ul {
                @for entry in entries.iter().filter(|entry| entry.is_for(person)) {
                    li {
                        a href=(entry.path) aria-current=[entry.is_current(visitor.path()).then_some("page")] {
                            (visitor.text(entry.key))
                        }
                    }
                }
                @if let Some((path, text)) = other { li.other { a href=(path) { (text) } } }
            }
        }
    }
}
