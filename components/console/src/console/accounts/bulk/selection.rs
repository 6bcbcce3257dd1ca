//! The accounts that were selected, and the change that was chosen for them.

use users_core::{RoleId, UserId};

/// A change of several accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Deactivate,
    Activate,
    EndSessions,
    GiveRole,
}

/// The keys of a change's texts.
pub(crate) struct Words {
    /// In the list of changes.
    pub(crate) option: String,
    /// The change, and the number of accounts.
    pub(crate) announcement: String,
    /// The consequence for the owners.
    pub(crate) effect: String,
    /// On the button.
    pub(crate) button: String,
    /// The outcome for one account.
    pub(crate) done: String,
}

impl Change {
    /// All changes, in the order of the list.
    pub(crate) const ALL: [Self; 4] = [Self::Deactivate, Self::Activate, Self::EndSessions, Self::GiveRole];

    /// The value in a form.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Deactivate => "deactivate",
            Self::Activate => "activate",
            Self::EndSessions => "end-sessions",
            Self::GiveRole => "give-role",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|change| change.name() == name)
    }

    /// The keys of its texts, which are made of its name.
    pub(crate) fn words(self) -> Words {
        let name = self.name();
        Words {
            option: format!("accounts-bulk-action-{name}"),
            announcement: format!("accounts-confirm-{name}"),
            effect: format!("accounts-confirm-{name}-effect"),
            button: format!("accounts-confirm-button-{name}"),
            done: format!("accounts-outcome-{name}"),
        }
    }
}

/// The accounts and the change in a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Selection {
    /// Each account once, in the order of the form.
    pub(crate) accounts: Vec<UserId>,
    pub(crate) change: Change,
    /// The role to give; only with [`Change::GiveRole`].
    pub(crate) role: Option<RoleId>,
}

impl Selection {
    /// The largest number of accounts in one form. A page of the list has fewer.
    pub(crate) const MAX: usize = 100;

    /// Reads a form.
    ///
    /// # Errors
    /// The key of the sentence that says what is missing.
    pub(crate) fn of<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Self, &'static str> {
        let (mut accounts, mut change, mut role) = (Vec::new(), None, None);
        for (name, value) in fields {
            match name {
                "user_ids" => accounts.extend(value.parse::<UserId>().ok()),
                "action" => change = Change::named(value),
                "role_id" => role = value.parse::<RoleId>().ok(),
                _ => {}
            }
        }
        accounts.sort_unstable();
        accounts.dedup();
        accounts.truncate(Self::MAX);
        if accounts.is_empty() {
            return Err("accounts-bulk-empty");
        }
        let change = change.ok_or("accounts-bulk-unknown")?;
        let role = role.filter(|_| change == Change::GiveRole);
        if change == Change::GiveRole && role.is_none() {
            return Err("accounts-bulk-roleless");
        }
        Ok(Self { accounts, change, role })
    }
}

#[cfg(test)]
mod tests {
    use users_web::Language;

    use super::*;
    use crate::texts::Catalogue;

    fn of(fields: &[(&str, &str)]) -> Result<(Vec<i32>, Change, Option<i32>), &'static str> {
        let selection = Selection::of(fields.iter().copied())?;
        let ids = selection.accounts.into_iter().map(UserId::get).collect();
        Ok((ids, selection.change, selection.role.map(RoleId::get)))
    }

    #[test]
    fn each_account_counts_once() {
        let fields = [
            ("user_ids", "9"),
            ("user_ids", "2"),
            ("user_ids", "9"),
            ("action", "deactivate"),
            ("role_id", "3"),
        ];
        assert_eq!(of(&fields), Ok((vec![2, 9], Change::Deactivate, None)));
    }

    #[test]
    fn a_form_that_lacks_something_says_what() {
        assert_eq!(of(&[("action", "activate")]), Err("accounts-bulk-empty"));
        assert_eq!(of(&[("action", "activate"), ("user_ids", "x")]), Err("accounts-bulk-empty"));
        assert_eq!(of(&[("user_ids", "1")]), Err("accounts-bulk-unknown"));
        assert_eq!(of(&[("user_ids", "1"), ("action", "delete")]), Err("accounts-bulk-unknown"));
        let roleless = [("user_ids", "1"), ("action", "give-role"), ("role_id", "")];
        assert_eq!(of(&roleless), Err("accounts-bulk-roleless"));
        let whole = [("user_ids", "1"), ("action", "give-role"), ("role_id", "3")];
        assert_eq!(of(&whole), Ok((vec![1], Change::GiveRole, Some(3))));
    }

    #[test]
    fn every_change_has_its_name_and_its_texts() {
        let catalogue = Catalogue::read().unwrap();
        for change in Change::ALL {
            assert_eq!(Change::named(change.name()), Some(change));
            let Words { option, announcement, effect, button, done } = change.words();
            for key in [option, announcement, effect, button, done] {
                assert!(catalogue.find(Language::English, &key, &[]).is_some(), "expected a text {key}");
            }
        }
    }
}
