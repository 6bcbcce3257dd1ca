//! `PUT /users/bulk/…`: changes of many accounts in one statement, which makes all of them or none.

pub(crate) mod activate;
pub(crate) mod deactivate;
pub(crate) mod delete;

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use users_core::UserId;
use users_web::{Checks, Field, Input, Presence};
use utoipa::ToSchema;

/// The accounts to change.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Targets {
    user_ids: Field<Vec<Value>>,
}

/// An example of the body.
fn example() -> Value {
    json!({"user_ids": [7, 8]})
}

impl Input for Targets {
    type Accepted = Vec<UserId>;

    fn check(self, checks: &mut Checks) -> Option<Vec<UserId>> {
        let mut ids: Vec<UserId> = checks.ids("/user_ids", self.user_ids, Presence::Required, 1)??;
        let mut seen = HashSet::new();
        ids.retain(|id| seen.insert(*id));
        Some(ids)
    }
}

/// The outcome: how many and which accounts were changed, and which do not exist. Both lists are in the order of the request.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = BulkResult)]
pub(crate) struct Done {
    #[schema(value_type = i32, minimum = 0, maximum = 1000)]
    count: usize,
    #[schema(max_items = 1000)]
    user_ids: Vec<UserId>,
    #[schema(max_items = 1000)]
    not_found: Vec<UserId>,
}

impl Done {
    pub(crate) fn new(targets: Vec<UserId>, mut found: Vec<UserId>) -> Self {
        found.sort_unstable();
        let (user_ids, not_found): (Vec<_>, Vec<_>) =
            targets.into_iter().partition(|id| found.binary_search(id).is_ok());
        Self { count: user_ids.len(), user_ids, not_found }
    }
}

#[cfg(test)]
mod tests {
    use users_web::{Problem, validate_input};

    use super::*;

    fn validated(body: Value) -> Result<Vec<i32>, Vec<String>> {
        validate_input(serde_json::from_value::<Targets>(body).unwrap(), Checks::new())
            .map(|ids| ids.into_iter().map(UserId::get).collect())
            .map_err(|problem: Problem| problem.errors().iter().map(|it| it.pointer.clone()).collect())
    }

    #[test]
    fn one_to_a_thousand_ids_are_taken_each_once() {
        assert_eq!(validated(json!({"user_ids": [3, 1, 3]})), Ok(vec![3, 1]));
        assert_eq!(validated(json!({"user_ids": (1..=1000).collect::<Vec<_>>()})).unwrap().len(), 1000);
        for bad in
            [json!({}), json!({"user_ids": []}), json!({"user_ids": vec![1; 1001]}), json!({"user_ids": 1})]
        {
            assert_eq!(validated(bad), Err(vec!["/user_ids".to_owned()]));
        }
    }

    #[test]
    fn every_broken_id_is_told() {
        let bad = json!({"user_ids": [1, 0, "2", 3.5, 2_147_483_648_i64, null]});
        let pointers: Vec<_> = [1, 2, 3, 4, 5].map(|index| format!("/user_ids/{index}")).into();
        assert_eq!(validated(bad), Err(pointers));
    }

    #[test]
    fn what_was_found_is_told_from_what_was_not() {
        let ids = |ids: &[i32]| ids.iter().map(|id| UserId::try_from(*id).unwrap()).collect::<Vec<_>>();
        assert_eq!(
            Done::new(ids(&[9, 2, 5]), ids(&[5, 9])),
            Done { count: 2, user_ids: ids(&[9, 5]), not_found: ids(&[2]) }
        );
    }
}
