//! Hostile text in every field: each page shows it as text, and no page as markup (CWE-79).

use std::collections::BTreeSet;

use users_tests::Browser;

use crate::support::{Fixture, numbers};

/// A text that breaks out of an attribute and of an element, unless it is escaped.
fn hostile(field: &str) -> String {
    format!("\"'><img src=x alt={field}>")
}

/// The same as a part of a page.
fn escaped(field: &str) -> String {
    format!("&quot;'&gt;&lt;img src=x alt={field}&gt;")
}

/// Asserts that a page has no markup of others. Notes which fields it shows.
#[track_caller]
fn inspect(page: &str, path: &str, fields: &[&'static str], seen: &mut BTreeSet<&'static str>) {
    assert!(!page.contains("<img"), "{path}: expected no markup of others: {page}");
    assert!(!page.contains("\"'>"), "{path}: expected no broken attribute: {page}");
    for script in page.split("<script").skip(1) {
        assert!(script.starts_with(" src=\"/account/console.js\" defer></script>"), "{path}: {script}");
    }
    seen.extend(fields.iter().filter(|field| page.contains(&escaped(field))));
}

/// The fields of all objects.
const FIELDS: [&str; 16] = [
    "name",
    "email",
    "bio",
    "location",
    "website",
    "avatar",
    "phone",
    "preference",
    "preference-key",
    "role",
    "role-description",
    "permission",
    "permission-description",
    "client",
    "key",
    "key-permission",
];

/// Fills every field of every object past the API, which would refuse some of the texts.
async fn fill(fixture: &Fixture) -> [i64; 4] {
    let text = |field: &str| format!("'{}'", hostile(field).replace('\'', "''"));
    let insert = async |statement: String| numbers(&fixture.service.sql(&statement).await)[0];
    let user = insert(format!(
        "INSERT INTO users (email, full_name, password_hash) VALUES ({}, {}, '!') RETURNING id",
        text("email"),
        text("name")
    ))
    .await;
    let program = insert(
        "INSERT INTO users (id, email, email_key, full_name, password_hash, kind)
         VALUES (77, 'service:77', 'service:77', 'robot', '', 'service') RETURNING id"
            .to_owned(),
    )
    .await;
    let role = insert(format!(
        "INSERT INTO roles (name, description) VALUES ({}, {}) RETURNING id",
        text("role"),
        text("role-description")
    ))
    .await;
    let permission = insert(format!(
        "INSERT INTO permissions (name, description, resource, action) VALUES ({}, {}, 'a', 'b') RETURNING id",
        text("permission"),
        text("permission-description")
    ))
    .await;
    fixture
        .service
        .sql(&format!(
            "INSERT INTO role_permissions VALUES ({role}, {permission});
             INSERT INTO user_roles VALUES ({user}, {role}), ({}, {role});
             INSERT INTO sessions (user_id, expires_at, client) VALUES ({user}, now() + interval '1 day', {});
             INSERT INTO profiles (user_id, is_created, bio, location, website, avatar_url, phone_number, preferences)
             VALUES ({user}, true, {}, {}, {}, {}, {}, jsonb_build_object({}, {}))",
            fixture.root.id,
            text("client"),
            text("bio"),
            text("location"),
            text("website"),
            text("avatar"),
            text("phone"),
            text("preference-key"),
            text("preference"),
        ))
        .await;
    for owner in [user, program] {
        fixture
            .service
            .sql(&format!(
                "INSERT INTO api_keys (user_id, name, key_hash, permissions) VALUES ({owner}, {}, sha256('{owner}'), ARRAY[{}])",
                text("key"),
                text("key-permission")
            ))
            .await;
    }
    [user, program, role, permission]
}

#[tokio::test]
async fn hostile_text_in_every_field_is_text_on_every_page() {
    let fixture = Fixture::start().await;
    let [user, program, role, permission] = fill(&fixture).await;
    let mut seen = BTreeSet::new();
    let paths = [
        "/console".to_owned(),
        "/console/accounts".to_owned(),
        "/console/accounts/new".to_owned(),
        "/console/accounts/new?kind=service".to_owned(),
        format!("/console/accounts/{user}"),
        format!("/console/accounts/{user}/delete"),
        format!("/console/accounts/{user}/make-admin"),
        format!("/console/accounts/{program}"),
        "/console/roles".to_owned(),
        format!("/console/roles/{role}"),
        format!("/console/roles/{role}/delete"),
        "/console/permissions".to_owned(),
        format!("/console/permissions/{permission}"),
        format!("/console/permissions/{permission}/delete"),
    ];
    for path in paths {
        inspect(&fixture.browser.open(&path).await, &path, &FIELDS, &mut seen);
    }
    let missing: Vec<_> = FIELDS.iter().filter(|field| !seen.contains(*field)).collect();
    assert!(missing.is_empty(), "expected every field on a page: {missing:?}");
}

#[tokio::test]
async fn hostile_text_in_a_report_is_text() {
    let fixture = Fixture::start().await;
    let [user, _, role, permission] = fill(&fixture).await;
    let (user, role_id) = (user.to_string(), role.to_string());
    let was = format!("{role}-{permission}");
    let bulk = [("action", "give-role"), ("role_id", role_id.as_str()), ("user_ids", &user)];
    for (page, action, fields, shown) in [
        ("/console/accounts", "/console/accounts/bulk", &bulk[..], ["name", "role"]),
        ("/console/accounts", "/console/accounts/bulk/apply", &bulk[..], ["name", "name"]),
        ("/console/permissions", "/console/permissions/save", &[("was", was.as_str())][..], ["role", "role"]),
    ] {
        let answer = fixture.browser.submit(page, action, fields).await.expect(200);
        let mut seen = BTreeSet::new();
        inspect(&answer.body, action, &FIELDS, &mut seen);
        assert!(shown.iter().all(|field| seen.contains(field)), "{action}: {seen:?} {}", answer.body);
    }
}

#[tokio::test]
async fn what_a_refused_form_shows_again_is_text() {
    let fixture = Fixture::start().await;
    let [user, program, role, permission] = fill(&fixture).await;
    let entered = hostile("entered");
    let fields = |names: &[&'static str]| -> Vec<(&'static str, String)> {
        names.iter().map(|name| (*name, entered.clone())).collect()
    };
    let forms = [
        ("/console/accounts".to_owned(), fields(&["email", "full_name", "role_ids", "password"])),
        (format!("/console/accounts/{user}"), fields(&["email", "full_name"])),
        (
            format!("/console/accounts/{program}/api-keys"),
            fields(&["name", "permissions", "addresses", "expires_at"]),
        ),
        ("/console/permissions".to_owned(), fields(&["name", "description", "resource", "action"])),
        (
            format!("/console/permissions/{permission}"),
            fields(&["name", "description", "resource", "action"]),
        ),
        (format!("/console/accounts/{user}/roles"), fields(&["role_ids"])),
        (format!("/console/accounts/{user}/roles/{role}x/take"), fields(&["role_ids"])),
    ];
    for (action, fields) in forms {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = fixture.browser.submit("/console/accounts", &action, &fields).await;
        assert!(answer.status >= 400 || action.ends_with("/roles"), "{action}: {answer:#?}");
        inspect(&answer.body, &action, &FIELDS, &mut BTreeSet::new());
    }
    search(&fixture.browser).await;
}

async fn search(browser: &Browser) {
    let query: String = hostile("entered").bytes().map(|octet| format!("%{octet:02X}")).collect();
    for path in [
        format!("/console/accounts?search={query}&kind={query}&after={query}&done={query}"),
        format!("/console/roles?after={query}&done={query}"),
        format!("/console/permissions?after={query}&after_role={query}&done={query}"),
        format!("/console/accounts/{query}"),
        format!("/console/{query}"),
    ] {
        let answer = browser.get(&path).await;
        inspect(&answer.body, &path, &FIELDS, &mut BTreeSet::new());
    }
}
