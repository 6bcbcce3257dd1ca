//! The facts of the account, and its profile.

use maud::{Markup, html};
use users_core::AccountKind;

use super::View;
use crate::console::accounts::one::facts::Profile;
use crate::console::parts::time;

impl View<'_> {
    /// The account.
    pub(super) fn account(&self) -> Markup {
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

    /// The profile. Its addresses are no links, because a reader with all rights should not follow links that somebody else has written.
    pub(super) fn profile(&self, profile: &Profile) -> Markup {
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
}
