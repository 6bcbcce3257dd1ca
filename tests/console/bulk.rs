//! `/console/accounts/bulk`: changes of several accounts.

use users_tests::{between, text_of};

use crate::support::{Fixture, assert_says, numbers};

const LIST: &str = "/console/accounts";
const BULK: &str = "/console/accounts/bulk";
const APPLY: &str = "/console/accounts/bulk/apply";

#[tokio::test]
async fn nothing_happens_before_the_confirmation() {
    let fixture = Fixture::start().await;
    let ids: Vec<String> = fixture.add(3).await.iter().map(ToString::to_string).collect();
    let fields = [("action", "deactivate"), ("user_ids", ids[0].as_str()), ("user_ids", ids[2].as_str())];
    let question = fixture.browser.submit(LIST, BULK, &fields).await;
    assert_says(&question, 200, "2 accounts will be deactivated.");
    assert_says(&question, 200, "User 1");
    assert!(!text_of(&question.body).contains("User 2"), "expected the selected accounts only");
    assert_eq!(between(&question.body, "name=\"user_ids\" value=\"", "\""), [&ids[0], &ids[2]]);
    let inactive = "SELECT id FROM users WHERE NOT is_active ORDER BY id";
    assert!(fixture.rows(inactive).await.is_empty());
    let report = fixture.browser.submit(LIST, APPLY, &fields).await;
    assert_says(&report, 200, "All 2 accounts were changed.");
    assert_eq!(fixture.rows(inactive).await, [ids[0].as_str(), &ids[2]]);
}

#[tokio::test]
async fn a_selection_that_lacks_something_says_what() {
    let fixture = Fixture::start().await;
    let root = fixture.root.id.to_string();
    for action in [BULK, APPLY] {
        for (fields, sentence) in [
            (vec![("action", "activate")], "Select at least one account."),
            (vec![("action", "explode"), ("user_ids", root.as_str())], "Choose an action from the list."),
            (vec![("action", "give-role"), ("user_ids", &root)], "Choose the role that the accounts get."),
            (
                vec![("action", "give-role"), ("user_ids", &root), ("role_id", "999999")],
                "Choose the role that the accounts get.",
            ),
        ] {
            let answer = fixture.browser.submit(LIST, action, &fields).await;
            assert_says(&answer, 422, sentence);
        }
    }
}

#[tokio::test]
async fn the_report_tells_what_happened_to_each_account() {
    let fixture = Fixture::start().await;
    let ada = fixture.service.account("ada@example.com").await;
    let role = numbers(&fixture.rows("INSERT INTO roles (name) VALUES ('editor') RETURNING id").await)[0];
    let (ada_id, root, role_id) = (ada.id.to_string(), fixture.root.id.to_string(), role.to_string());

    let fields = [
        ("action", "give-role"),
        ("role_id", role_id.as_str()),
        ("user_ids", &ada_id),
        ("user_ids", "999999"),
    ];
    let report = fixture.browser.submit(LIST, APPLY, &fields).await;
    assert_says(&report, 200, "1 of 2 accounts were changed.");
    assert_says(&report, 200, "There is no such account any more.");
    assert_eq!(fixture.rows("SELECT user_id FROM user_roles").await, [ada_id.as_str()]);

    let fields = [("action", "end-sessions"), ("user_ids", ada_id.as_str())];
    let report = fixture.browser.submit(LIST, APPLY, &fields).await;
    assert_says(&report, 200, "All sessions have ended.");
    assert_eq!(fixture.service.me(&ada.tokens.access).await.status, 401);

    // All or none: the administrator is among the selected.
    let fields = [("action", "deactivate"), ("user_ids", ada_id.as_str()), ("user_ids", &root)];
    let report = fixture.browser.submit(LIST, APPLY, &fields).await;
    assert_says(&report, 409, "Nothing was changed.");
    assert_says(&report, 409, "You cannot do this to your own account.");
    assert!(fixture.rows("SELECT id FROM users WHERE NOT is_active").await.is_empty());
}
