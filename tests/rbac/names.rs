//! The rules for equal names of roles and permissions.

use futures::future::join_all;
use serde_json::json;
use users_tests::assert_problem;

use crate::{Rbac, id};

const SPELLINGS: [[&str; 3]; 2] = [["Prüfer", "PRU\u{308}FER", "prüfer"], ["σας", "ΣΑΣ", "σασ"]];

#[tokio::test]
async fn all_spellings_of_a_name_count_as_one_name() {
    let rbac = Rbac::start().await;
    let other_role = format!("/rbac/roles/{}", rbac.role("other", &[]).await);
    let other_permission = format!("/rbac/permissions/{}", rbac.permission("user:read").await);
    for spellings in SPELLINGS {
        let role = format!("/rbac/roles/{}", rbac.role(spellings[0], &[]).await);
        let permission = rbac.permission_named(spellings[0], "user:write").await;
        let permission = format!("/rbac/permissions/{permission}");
        for name in spellings {
            let role_body = json!({"name": name});
            let body = json!({"name": name, "resource": "user", "action": "write"});
            assert_problem(&rbac.post("/rbac/roles", &role_body).await, 409, "name_taken");
            assert_problem(&rbac.post("/rbac/permissions", &body).await, 409, "name_taken");
            assert_problem(&rbac.put(&other_role, &role_body).await, 409, "name_taken");
            assert_problem(&rbac.put(&other_permission, &body).await, 409, "name_taken");
            // An object may change the spelling of its own name.
            rbac.put(&role, &role_body).await.expect(200);
            rbac.put(&permission, &body).await.expect(200);
        }
    }
    assert_eq!(rbac.sql("SELECT count(*) FROM roles").await, ["3"]);
    assert_eq!(rbac.sql("SELECT count(*) FROM permissions").await, ["3"]);
}

#[tokio::test]
async fn a_renamed_role_has_the_key_of_its_new_name() {
    let rbac = Rbac::start().await;
    let created = rbac.post("/rbac/roles", &json!({"name": "Editor"})).await.expect(201);
    let path = format!("/rbac/roles/{}", id(&created));
    for (name, key) in [("EDITOR", "editor"), ("Ünit", "ünit"), ("Reader", "reader")] {
        rbac.put(&path, &json!({"name": name})).await.expect(200);
        assert_eq!(rbac.sql("SELECT name_key FROM roles").await, [key], "{name}");
    }
    rbac.put(&path, &json!({"description": "new"})).await.expect(200);
    assert_eq!(rbac.sql("SELECT name_key FROM roles").await, ["reader"]);
}

#[tokio::test]
async fn only_one_of_simultaneous_roles_with_one_name_is_created() {
    let rbac = Rbac::start().await;
    for spellings in SPELLINGS {
        let bodies = spellings.map(|name| json!({"name": name}));
        let answers = join_all(bodies.iter().map(|body| rbac.post("/rbac/roles", body))).await;
        assert_eq!(answers.iter().filter(|it| it.status == 201).count(), 1, "{answers:#?}");
        for refused in answers.iter().filter(|answer| answer.status != 201) {
            assert_problem(refused, 409, "name_taken");
        }
    }
}
