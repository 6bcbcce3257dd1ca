//! The changes in a matrix of roles and permissions.

use std::collections::{BTreeMap, BTreeSet};

use users_core::{PermissionId, RoleId};

/// The ticks that were set and removed in the column of a role.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Changed {
    pub(crate) added: BTreeSet<PermissionId>,
    pub(crate) removed: BTreeSet<PermissionId>,
}

impl Changed {
    /// The permissions of a role after the change. Those that the reader did not touch stay as they are now: somebody else may have
    /// changed them since the page was shown, and the page may show only a part of them.
    pub(crate) fn applied_to(&self, now: impl Iterator<Item = PermissionId>) -> BTreeSet<PermissionId> {
        now.chain(self.added.iter().copied()).filter(|id| !self.removed.contains(id)).collect()
    }
}

/// Reads a form: the fields `was` are the grants when the page was shown, and the fields `grants` are the ticks. Both are written
/// `role-permission`. Returns the roles that change.
pub(crate) fn changes<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> BTreeMap<RoleId, Changed> {
    let (mut was, mut ticked) = (BTreeSet::new(), BTreeSet::new());
    for (name, value) in fields {
        match name {
            "was" => was.extend(cell(value)),
            "grants" => ticked.extend(cell(value)),
            _ => {}
        }
    }
    let mut changes: BTreeMap<RoleId, Changed> = BTreeMap::new();
    for &(role, permission) in ticked.difference(&was) {
        changes.entry(role).or_default().added.insert(permission);
    }
    for &(role, permission) in was.difference(&ticked) {
        changes.entry(role).or_default().removed.insert(permission);
    }
    changes
}

fn cell(value: &str) -> Option<(RoleId, PermissionId)> {
    let (role, permission) = value.split_once('-')?;
    Some((role.parse().ok()?, permission.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ids: &BTreeSet<PermissionId>) -> Vec<i32> {
        ids.iter().map(|id| id.get()).collect()
    }

    #[test]
    fn only_what_the_reader_touched_changes() {
        let fields = [
            ("was", "1-10"),
            ("was", "1-11"),
            ("was", "2-10"),
            ("grants", "1-11"),
            ("grants", "1-12"),
            ("grants", "2-10"),
            ("grants", "nonsense"),
            ("csrf_token", "1-13"),
        ];
        let changes = changes(fields.into_iter());
        let [(role, changed)] = &changes.into_iter().collect::<Vec<_>>()[..] else {
            panic!("expected one role")
        };
        assert_eq!(role.get(), 1);
        assert_eq!((ids(&changed.added), ids(&changed.removed)), (vec![12], vec![10]));
        // Meanwhile, somebody else has given 20 and taken 11.
        let now = [10, 20].map(|id| PermissionId::try_from(id).unwrap());
        assert_eq!(ids(&changed.applied_to(now.into_iter())), [12, 20]);
    }

    #[test]
    fn a_form_without_a_change_changes_nothing() {
        assert!(changes([("was", "1-10"), ("grants", "1-10")].into_iter()).is_empty());
        assert!(changes([].into_iter()).is_empty());
    }
}
