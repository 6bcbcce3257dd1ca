//! The rights of people on the pages: nobody can do more there than the API permits.

use std::collections::BTreeMap;

use users_tests::{Browser, Service, between, text_of, value_of};

use crate::support::{grant, numbers};

/// The callers, and the permissions that open a part of the administration to each.
const CALLERS: [(&str, &[&str]); 8] = [
    ("guest", &[]),
    ("plain", &[]),
    ("accounts-reader", &["accounts:read"]),
    ("accounts-operator", &["accounts:read", "accounts:write"]),
    ("rbac-reader", &["rbac:read"]),
    ("rbac-operator", &["rbac:read", "rbac:write"]),
    ("operator", &["accounts:read", "accounts:write", "rbac:read", "rbac:write"]),
    ("administrator", &["accounts:read", "accounts:write", "rbac:read", "rbac:write", "admin:all"]),
];

/// Every page, and the permissions that it needs.
const PAGES: [(&str, &[&str]); 13] = [
    ("/console/accounts", &["accounts:read"]),
    ("/console/accounts?search=a&kind=person&active_only=true", &["accounts:read"]),
    ("/console/accounts/new", &["accounts:write"]),
    ("/console/accounts/new?kind=service", &["accounts:write"]),
    ("/console/accounts/{user}", &["accounts:read"]),
    ("/console/accounts/{user}/deactivate", &["accounts:read", "accounts:write"]),
    ("/console/accounts/{user}/make-admin", &["admin:all"]),
    ("/console/roles", &["rbac:read"]),
    ("/console/roles/{role}", &["rbac:read"]),
    ("/console/roles/{role}/delete", &["rbac:read", "rbac:write"]),
    ("/console/permissions", &["rbac:read"]),
    ("/console/permissions/{permission}", &["rbac:read"]),
    ("/console/permissions/{permission}/delete", &["rbac:read", "rbac:write"]),
];

/// A form: where it is sent, its fields, and the permissions that it needs.
type Form = (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);

/// Every form.
const FORMS: [Form; 27] = [
    ("/console/accounts", &[("email", "new{user}@example.com")], &["accounts:write"]),
    ("/console/accounts/{user}", &[("full_name", "Renamed")], &["accounts:read", "accounts:write"]),
    ("/console/accounts/{user}/deactivate", &[], &["accounts:write"]),
    ("/console/accounts/{user}/verify", &[], &["accounts:write"]),
    ("/console/accounts/{user}/password-reset", &[], &["accounts:write"]),
    ("/console/accounts/{user}/sessions", &[], &["accounts:write"]),
    ("/console/accounts/{user}/make-admin", &[], &["admin:all"]),
    ("/console/accounts/{admin}/remove-admin", &[], &["admin:all"]),
    ("/console/accounts/{admin}/deactivate", &[], &["admin:all"]),
    ("/console/accounts/{admin}/delete", &[], &["admin:all"]),
    ("/console/accounts/{user}/delete", &[], &["accounts:write"]),
    ("/console/accounts/{program}/api-keys", &[("name", "another")], &["accounts:write"]),
    ("/console/accounts/{program}/api-keys/{key}/end", &[], &["accounts:write"]),
    (
        "/console/accounts/bulk/apply",
        &[("action", "deactivate"), ("user_ids", "{user}")],
        &["accounts:read", "accounts:write"],
    ),
    (
        "/console/accounts/bulk/apply",
        &[("action", "end-sessions"), ("user_ids", "{user}")],
        &["accounts:read", "accounts:write"],
    ),
    (
        "/console/accounts/bulk/apply",
        &[("action", "give-role"), ("user_ids", "{user}"), ("role_id", "{other}")],
        &["accounts:read", "rbac:read", "rbac:write"],
    ),
    ("/console/accounts/{user}/roles", &[("role_ids", "{other}")], &["rbac:write"]),
    ("/console/accounts/{user}/roles/{role}/take", &[], &["rbac:write"]),
    ("/console/roles", &[("name", "new {user}")], &["rbac:write"]),
    ("/console/roles/{role}", &[("name", "renamed {user}")], &["rbac:read", "rbac:write"]),
    ("/console/roles/{other}/holders", &[("user_id", "{user}")], &["rbac:write"]),
    ("/console/roles/{role}/holders/{user}/take", &[], &["rbac:write"]),
    ("/console/roles/{role}/delete", &[], &["rbac:write"]),
    (
        "/console/permissions",
        &[("name", "new {user}"), ("resource", "new"), ("action", "new")],
        &["rbac:write"],
    ),
    (
        "/console/permissions/{permission}",
        &[("name", "renamed {user}"), ("resource", "a"), ("action", "b")],
        &["rbac:read", "rbac:write"],
    ),
    ("/console/permissions/{permission}/delete", &[], &["rbac:write"]),
    ("/console/permissions/save", &[("was", "{role}-{permission}")], &["rbac:read", "rbac:write"]),
];

struct Fixture {
    service: Service,
    browsers: Vec<(&'static str, &'static [&'static str], Browser)>,
}

impl Fixture {
    async fn start() -> Self {
        let service = Service::start().await;
        let mut browsers = Vec::new();
        for (caller, permissions) in CALLERS {
            let email = format!("{caller}@example.org");
            let browser = match caller {
                "guest" => Browser::new(&service),
                "administrator" => {
                    service.administrator(&email).await;
                    Browser::signed_in(&service, &email).await
                }
                _ => {
                    let account = service.account(&email).await;
                    grant(&service, account.id, caller, permissions).await;
                    Browser::signed_in(&service, &email).await
                }
            };
            browsers.push((caller, permissions, browser));
        }
        Self { service, browsers }
    }

    /// New objects for a request. Returns their ids by the name in a path.
    async fn objects(&self) -> BTreeMap<&'static str, i64> {
        let insert = async |statement: &str| numbers(&self.service.sql(statement).await)[0];
        let next = insert("SELECT count(*) FROM users").await;
        let user = |name: &str| {
            format!(
                "INSERT INTO users (email, password_hash) VALUES ('{name}{next}@example.net', '!') RETURNING id"
            )
        };
        let role = |name: &str| format!("INSERT INTO roles (name) VALUES ('{name} {next}') RETURNING id");
        let objects = BTreeMap::from([
            ("{user}", insert(&user("user")).await),
            ("{admin}", insert(&user("admin")).await),
            ("{program}", insert(&user("program")).await),
            ("{role}", insert(&role("role")).await),
            ("{other}", insert(&role("other")).await),
            (
                "{permission}",
                insert(&format!(
                    "INSERT INTO permissions (name, resource, action) VALUES ('p {next}', 'a', 'b') RETURNING id"
                ))
                .await,
            ),
        ]);
        let id = |name| objects[name];
        self.service
            .sql(&format!(
                "UPDATE users SET is_admin = true WHERE id = {};
                 UPDATE users SET kind = 'service', email = 'service:' || id, email_key = 'service:' || id, password_hash = ''
                  WHERE id = {};
                 INSERT INTO role_permissions VALUES ({}, {});
                 INSERT INTO user_roles VALUES ({}, {});
                 INSERT INTO sessions (user_id, expires_at) VALUES ({}, now() + interval '1 day')",
                id("{admin}"), id("{program}"), id("{role}"), id("{permission}"), id("{user}"), id("{role}"), id("{user}"),
            ))
            .await;
        let key = insert(&format!(
            "INSERT INTO api_keys (user_id, name, key_hash) VALUES ({}, 'a key', sha256('{next}')) RETURNING id",
            id("{program}")
        ))
        .await;
        objects.into_iter().chain([("{key}", key)]).collect()
    }

    /// All rows that a form may change.
    async fn state(&self) -> Vec<String> {
        self.service
            .sql(
                "SELECT 'user ' || t::text FROM users t UNION ALL SELECT 'role ' || t::text FROM roles t
                 UNION ALL SELECT 'permission ' || t::text FROM permissions t
                 UNION ALL SELECT 'granted ' || t::text FROM role_permissions t
                 UNION ALL SELECT 'given ' || t::text FROM user_roles t
                 UNION ALL SELECT 'session ' || t::text FROM sessions t
                 UNION ALL SELECT 'key ' || t.id || t.name FROM api_keys t
                 UNION ALL SELECT 'mail ' || t.id FROM outbox t
                 ORDER BY 1",
            )
            .await
    }
}

fn filled(text: &str, objects: &BTreeMap<&str, i64>) -> String {
    objects.iter().fold(text.to_owned(), |text, (name, id)| text.replace(name, &id.to_string()))
}

/// True if somebody with these permissions has all that are needed.
fn suffices(permissions: &[&str], needed: &[&str]) -> bool {
    needed.iter().all(|it| permissions.contains(it))
}

#[tokio::test]
async fn a_page_is_shown_to_whom_the_api_permits_it() {
    let fixture = Fixture::start().await;
    let objects = fixture.objects().await;
    let mut wrong = Vec::new();
    for (page, needed) in PAGES {
        let path = filled(page, &objects);
        for (caller, permissions, browser) in &fixture.browsers {
            let answer = browser.get(&path).await;
            let expected = match *caller {
                "guest" => 303,
                _ if suffices(permissions, needed) => 200,
                _ => 403,
            };
            if answer.status != expected {
                wrong.push(format!("{page} {caller}: expected {expected}, got {}", answer.status));
            }
            if expected == 303 {
                let place = answer.header("location").unwrap_or_default();
                assert!(place.starts_with("/account?next=%2Fconsole"), "{page}: {place}");
            } else {
                assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"), "{page} {caller}");
                assert!(answer.body.contains("<h1>"), "{page} {caller}: expected a page");
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_form_changes_what_the_api_permits_and_nothing_else() {
    let fixture = Fixture::start().await;
    let mut wrong = Vec::new();
    for (action, fields, needed) in FORMS {
        for (caller, permissions, browser) in &fixture.browsers {
            let objects = fixture.objects().await;
            let path = filled(action, &objects);
            let fields: Vec<_> =
                fields.iter().map(|(name, value)| (*name, filled(value, &objects))).collect();
            let page = browser.get("/account").await;
            let token = value_of(&page.body, "csrf_token").expect("the page has a form");
            let mut form = vec![("csrf_token", token.as_str())];
            form.extend(fields.iter().map(|(name, value)| (*name, value.as_str())));
            let before = fixture.state().await;
            let answer = browser.post(&path, &form).await;
            let is_changed = fixture.state().await != before;
            let is_permitted = suffices(permissions, needed);
            let is_expected = match (*caller, answer.status) {
                ("guest", 303) => answer.header("location").as_deref() == Some("/account"),
                ("guest", _) => false,
                (_, 200 | 303) => is_permitted,
                (_, 403) => !is_permitted,
                _ => false,
            };
            if !is_expected || is_changed != is_permitted {
                let text = text_of(&answer.body);
                wrong.push(format!("{action} {caller}: {} changed={is_changed} {text}", answer.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_page_offers_only_what_the_reader_may_do() {
    let fixture = Fixture::start().await;
    let objects = fixture.objects().await;
    for (page, needed) in PAGES {
        let path = filled(page, &objects);
        for (caller, permissions, browser) in &fixture.browsers {
            if *caller == "guest" || !suffices(permissions, needed) {
                continue;
            }
            let body = browser.open(&path).await;
            let forms = between(&body, "method=\"post\" action=\"", "\"");
            let offers = |part: &str| forms.iter().any(|action| action.contains(part));
            let may = |permission| permissions.contains(&permission);
            if !may("accounts:write") {
                assert!(!offers("/console/accounts") || may("rbac:write"), "{page} {caller}: {forms:?}");
            }
            if !may("rbac:write") {
                assert!(
                    !offers("/console/roles") && !offers("/console/permissions"),
                    "{page} {caller}: {forms:?}"
                );
                assert!(!offers("/roles"), "{page} {caller}: {forms:?}");
            }
            if !may("admin:all") {
                assert!(!body.contains("/make-admin\""), "{page} {caller}: expected no such action");
            }
        }
    }
}
