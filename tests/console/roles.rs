//! `/console/roles…` and `/console/permissions…`.

use users_tests::text_of;

use crate::support::{Fixture, assert_says, grant, numbers};

#[tokio::test]
async fn a_role_is_made_renamed_and_deleted() {
    let fixture = Fixture::start().await;
    let browser = &fixture.browser;
    let fields = [("name", "editor"), ("description", "Edits")];
    let page = browser.change("/console/roles", "/console/roles", &fields).await;
    assert!(text_of(&page).contains("The role is there."), "{page}");
    let id = numbers(&fixture.rows("SELECT id FROM roles WHERE name = 'editor'").await)[0];
    let taken = browser.submit("/console/roles", "/console/roles", &fields).await;
    assert_says(&taken, 409, "This name is in use already.");
    let unnamed = browser.submit("/console/roles", "/console/roles", &[("name", "")]).await;
    assert_eq!(unnamed.status, 422, "{unnamed:#?}");

    let path = format!("/console/roles/{id}");
    let fields = [("name", "writer"), ("description", ""), ("is_default", "true")];
    browser.change(&path, &path, &fields).await;
    let row = "SELECT concat_ws(' ', name, coalesce(description, '-'), is_default) FROM roles WHERE id = ";
    assert_eq!(fixture.rows(&format!("{row}{id}")).await, ["writer - t"]);

    let delete = format!("{path}/delete");
    assert!(text_of(&browser.open(&delete).await).contains("Delete the role writer?"));
    let page = browser.change(&delete, &delete, &[]).await;
    assert!(text_of(&page).contains("The role is deleted."), "{page}");
    assert_eq!(browser.get(&path).await.status, 404);
}

#[tokio::test]
async fn the_page_of_a_role_shows_who_has_it() {
    let fixture = Fixture::start().await;
    let ids = fixture.add(30).await;
    let role = grant(&fixture.service, fixture.root.id, "editor", &["articles:write"]).await;
    fixture
        .service
        .sql(&format!("INSERT INTO user_roles SELECT id, {role} FROM users WHERE id > {}", ids[1]))
        .await;
    let path = format!("/console/roles/{role}");
    let page = fixture.browser.open(&path).await;
    let text = text_of(&page);
    assert!(
        text.contains("articles:write") && text.contains("User 3") && !text.contains("User 30"),
        "{text}"
    );
    assert!(!text.contains("user2@example.com"), "expected the holders only: {text}");
    let next = fixture.browser.open(&format!("{path}?after={}", ids[28])).await;
    assert!(text_of(&next).contains("User 30"), "{next}");
}

#[tokio::test]
async fn the_matrix_changes_what_was_ticked_and_nothing_else() {
    let fixture = Fixture::start().await;
    let ada = fixture.service.account("ada@example.com").await;
    let editor = grant(&fixture.service, ada.id, "editor", &["articles:read"]).await;
    let reader = grant(&fixture.service, ada.id, "reader", &["articles:write"]).await;
    let permission = async |name: &str| {
        numbers(&fixture.rows(&format!("SELECT id FROM permissions WHERE name = '{name}'")).await)[0]
    };
    let (read, write) = (permission("articles:read").await, permission("articles:write").await);
    let page = fixture.browser.open("/console/permissions").await;
    for (role, permission, is_granted) in
        [(editor, read, true), (editor, write, false), (reader, read, false), (reader, write, true)]
    {
        let checked = if is_granted { " checked" } else { "" };
        let cell = format!("name=\"grants\" value=\"{role}-{permission}\"{checked} aria");
        assert!(page.contains(&cell), "expected {cell}: {page}");
    }
    // Meanwhile, somebody else has given the reader another permission.
    fixture.service.sql(&format!("INSERT INTO role_permissions VALUES ({reader}, {read})")).await;
    let cell = |role, permission| format!("{role}-{permission}");
    let (was, kept) = (cell(editor, read), cell(reader, write));
    let now = cell(editor, write);
    let fields = [("was", was.as_str()), ("was", &kept), ("grants", &kept), ("grants", &now)];
    let report = fixture.browser.submit("/console/permissions", "/console/permissions/save", &fields).await;
    assert_says(&report, 200, "Saved: 1 added, 1 removed.");
    let granted = fixture
        .rows("SELECT role_id || '-' || permission_id FROM role_permissions ORDER BY role_id, permission_id")
        .await;
    assert_eq!(granted, [cell(editor, write), cell(reader, read), cell(reader, write)]);
    let fields = [("was", kept.as_str()), ("grants", &kept)];
    let report = fixture.browser.submit("/console/permissions", "/console/permissions/save", &fields).await;
    assert_says(&report, 200, "Nothing to change.");
}

#[tokio::test]
async fn a_column_that_the_api_refuses_is_told_and_not_saved() {
    let fixture = Fixture::start().await;
    let ada = fixture.service.account("ada@example.com").await;
    let role = grant(&fixture.service, ada.id, "everybody", &["admin:all"]).await;
    fixture.service.sql("DELETE FROM role_permissions; UPDATE roles SET is_default = true").await;
    let permission = fixture.rows("SELECT id FROM permissions").await.concat();
    let tick = format!("{role}-{permission}");
    let fields = [("grants", tick.as_str())];
    let report = fixture.browser.submit("/console/permissions", "/console/permissions/save", &fields).await;
    assert_says(&report, 409, "Not changed. A default role cannot grant admin:all");
    assert!(fixture.rows("SELECT role_id FROM role_permissions").await.is_empty());
}

#[tokio::test]
async fn a_permission_is_made_changed_and_deleted() {
    let fixture = Fixture::start().await;
    let browser = &fixture.browser;
    let page = "/console/permissions";
    let fields = [("name", "approve"), ("description", ""), ("resource", "report"), ("action", "approve")];
    assert!(text_of(&browser.change(page, page, &fields).await).contains("The permission is there."));
    assert_says(&browser.submit(page, page, &fields).await, 409, "This name is in use already.");
    let broken = [("name", "x"), ("resource", "Not A Slug"), ("action", "read")];
    assert_eq!(browser.submit(page, page, &broken).await.status, 422);
    let id = numbers(&fixture.rows("SELECT id FROM permissions").await)[0];
    let path = format!("{page}/{id}");
    let fields =
        [("name", "approve"), ("description", "Approves"), ("resource", "report"), ("action", "all")];
    assert!(text_of(&browser.change(&path, &path, &fields).await).contains("report:all"));
    let delete = format!("{path}/delete");
    browser.change(&delete, &delete, &[]).await;
    assert!(fixture.rows("SELECT id FROM permissions").await.is_empty());
    assert_eq!(browser.get(&path).await.status, 404);
}
