//! The pages and forms below `/console` for accounts, roles and permissions, with a fake API: the requests that each sends, and the page
//! that it makes of the answer.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION};
use axum::http::{Method, Request, Response};
use bytes::Bytes;
use console::{Console, Exchange, NAME, Settings, Transport, routes};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use users_web::Component;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// An API that knows one account, one role and one permission.
#[derive(Default)]
struct Api {
    /// The rights of the person who is signed in.
    permissions: Vec<&'static str>,
    /// The status and the code with which every change is refused.
    refusal: Option<(u16, &'static str)>,
    /// The changes that were asked for: method, path and body.
    changes: Mutex<Vec<(String, Value)>>,
    /// The addresses that were read.
    reads: Mutex<Vec<String>>,
}

const TIME: &str = "2026-05-15T09:30:00.123456Z";

fn user() -> Value {
    json!({
        "id": 7, "email": "ada@example.com", "full_name": "Ada", "is_active": true, "is_admin": false,
        "created_at": TIME, "updated_at": TIME, "email_verified": false, "kind": "person",
    })
}

fn permission() -> Value {
    json!({"id": 5, "name": "read articles", "description": null, "resource": "article", "action": "read"})
}

fn role() -> Value {
    json!({"id": 3, "name": "editor", "description": "Edits", "is_default": false, "permissions": [permission()]})
}

impl Api {
    fn read(&self, path: &str) -> Option<Value> {
        let holder = || {
            let mut holder = user();
            holder["roles"] = json!([{"id": 3, "name": "editor"}, {"id": 4, "name": "reader"}]);
            holder
        };
        Some(match path.trim_end_matches('/') {
            "/auth/me" => json!({"id": 1, "email": "root@example.com", "full_name": null, "is_admin": false}),
            "/rbac/my-permissions" => {
                let held = self.permissions.iter().map(|it| it.split_once(':').unwrap());
                let held: Vec<_> =
                    held.map(|(resource, action)| json!({"resource": resource, "action": action})).collect();
                json!({"permissions": held})
            }
            "/profile/preferences" => json!({}),
            "/users" => json!([user()]),
            "/users/7" => user(),
            "/users/7/sessions" => json!([{
                "id": 9, "created_at": TIME, "last_used_at": TIME, "expires_at": TIME, "client": "Firefox",
                "address": "192.0.2.7", "is_current": false,
            }]),
            "/users/7/api-keys" => json!([{
                "id": 8, "name": "nightly", "permissions": ["article:read"], "addresses": null, "expires_at": null,
                "created_at": TIME, "last_used_at": null,
            }]),
            "/profile/7" => json!({"bio": "Poetical science", "preferences": {"theme": "dark"}}),
            "/rbac/users/7/roles" | "/rbac/roles" => json!([role()]),
            "/rbac/role-names" => json!([{"id": 3, "name": "editor"}]),
            "/rbac/roles/3" => role(),
            "/rbac/users" => json!([holder()]),
            "/rbac/permissions" => json!([permission()]),
            "/rbac/permissions/5" => permission(),
            _ => return None,
        })
    }

    fn answer(&self, method: &Method, path: &str, body: Value) -> (u16, Value) {
        let place = path.split('?').next().unwrap();
        if *method == Method::GET {
            self.reads.lock().unwrap().push(path.to_owned());
            return self.read(place).map_or((404, json!({"code": "not_found"})), |found| (200, found));
        }
        self.changes.lock().unwrap().push((format!("{method} {path}"), body));
        if let Some((status, code)) = self.refusal {
            let errors = json!([{"pointer": "/name", "message": "is required"}]);
            return (status, json!({"code": code, "detail": "No.", "errors": errors}));
        }
        (
            200,
            match place {
                "/users/bulk/deactivate" | "/users/bulk/activate" => json!({"user_ids": [7]}),
                "/users/7/api-keys" => json!({"key": "uk_secret"}),
                _ if place.starts_with("/users") => user(),
                _ if place.starts_with("/rbac/permissions") => permission(),
                _ => role(),
            },
        )
    }
}

impl Transport for Api {
    fn send(&self, request: Request<Bytes>) -> Exchange<'_> {
        let path = request.uri().path_and_query().unwrap().as_str().to_owned();
        let body = serde_json::from_slice(request.body()).unwrap_or_default();
        let (status, body) = self.answer(request.method(), &path, body);
        let response = Response::builder().status(status).body(Body::from(body.to_string())).unwrap();
        Box::pin(async move { Ok(response) })
    }
}

/// The answer that the browser gets.
struct Seen {
    status: u16,
    location: Option<String>,
    body: String,
}

struct Fixture {
    api: Arc<Api>,
    component: Component,
}

impl Fixture {
    async fn of(api: Api) -> Self {
        let variables = [
            ("public_url", "http://users.example.com"),
            ("chain_domain", "spin.internal"),
            ("api_url", "http://api.internal"),
            ("proxy_header", "x-forwarded-for"),
            ("registration", "open"),
            ("webauthn_rp_id", ""),
            ("webauthn_origins", ""),
        ];
        let variables: BTreeMap<String, String> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let api = Arc::new(api);
        let settings = Settings::read(&variables).await.unwrap();
        let console = Console::new(settings, Arc::clone(&api) as Arc<dyn Transport>).unwrap();
        Self { api, component: Component::new(NAME, routes(), console) }
    }

    /// Somebody with these rights.
    async fn with(permissions: &[&'static str]) -> Self {
        Self::of(Api { permissions: permissions.to_vec(), ..Api::default() }).await
    }

    /// An administrator to whom the API refuses every change.
    async fn refusing(status: u16, code: &'static str) -> Self {
        Self::of(Api { permissions: vec!["admin:all"], refusal: Some((status, code)), ..Api::default() })
            .await
    }

    async fn get(&self, path: &str) -> Seen {
        self.send(Method::GET, path, Body::empty()).await
    }

    async fn post(&self, path: &str, form: &str) -> Seen {
        self.send(Method::POST, path, Body::from(format!("csrf_token={TOKEN}&{form}"))).await
    }

    async fn send(&self, method: Method, path: &str, body: Body) -> Seen {
        let request = Request::builder()
            .method(method)
            .uri(format!("http://users.example.com{path}"))
            .header(COOKIE, format!("session=access~refresh; csrf={TOKEN}"))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let response = self.component.answer(request.body(body).unwrap()).await;
        let (parts, body) = response.into_parts();
        let Ok(body) = body.collect().await.map(http_body_util::Collected::to_bytes);
        Seen {
            status: parts.status.as_u16(),
            location: parts.headers.get(LOCATION).map(|it| it.to_str().unwrap().to_owned()),
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    fn changes(&self) -> Vec<(String, Value)> {
        std::mem::take(&mut *self.api.changes.lock().unwrap())
    }
}

/// Each page, and texts that it shows.
const PAGES: [(&str, &[&str]); 13] = [
    (
        "/console/accounts",
        &["ada@example.com", "not verified", "name=\"user_ids\" value=\"7\"", "Give a role"],
    ),
    ("/console/accounts/new", &["name=\"email\"", "name=\"password\"", "name=\"role_ids\" value=\"3\""]),
    ("/console/accounts/new?kind=service", &["name=\"kind\" value=\"service\"", "name=\"full_name\""]),
    (
        "/console/accounts/7",
        &[
            "<h1>Ada</h1>",
            "Poetical science",
            "Firefox",
            "nightly",
            "article:read",
            "/console/roles/3",
            "/7/make-admin\"",
        ],
    ),
    ("/console/accounts/7/delete", &["Delete Ada?", "Nobody can bring it back."]),
    ("/console/accounts/7/make-admin", &["Make Ada an administrator?"]),
    ("/console/roles", &["editor", "Edits", "name=\"is_default\"", "name=\"requires_second_factor\""]),
    ("/console/roles/3", &["read articles", "ada@example.com", "reader", "/holders/7/take\""]),
    ("/console/roles/3/delete", &["Delete the role editor?"]),
    ("/console/permissions", &["name=\"grants\" value=\"3-5\" checked", "name=\"was\" value=\"3-5\""]),
    ("/console/permissions/5", &["article:read", "name=\"resource\""]),
    ("/console/permissions/5/delete", &["Delete the permission read articles?"]),
    ("/console/accounts?search=ada&active_only=true&kind=person", &["value=\"ada\"", "checked", "selected"]),
];

/// Each form: its path and fields, the request to the API, and the place to which it leads.
fn forms() -> Vec<(&'static str, &'static str, &'static str, Value, &'static str)> {
    vec![
        (
            "/console/accounts",
            "email=a@b.co&full_name=&password=&role_ids=3",
            "POST /users/",
            json!({"kind": "person", "email": "a@b.co", "role_ids": [3]}),
            "/console/accounts/7?done=account-invited",
        ),
        (
            "/console/accounts",
            "kind=service&full_name=robot",
            "POST /users/",
            json!({"kind": "service", "full_name": "robot"}),
            "/console/accounts/7?done=account-created",
        ),
        (
            "/console/accounts/7",
            "email=ada@example.com&full_name=Ada+L",
            "PUT /users/7",
            json!({"full_name": "Ada L"}),
            "/console/accounts/7?done=account-saved",
        ),
        (
            "/console/accounts/7/roles",
            "role_ids=3",
            "POST /rbac/users/7/roles",
            json!({"role_ids": [3]}),
            "/console/accounts/7?done=account-role-given",
        ),
        (
            "/console/accounts/7/roles/3/take",
            "",
            "DELETE /rbac/users/7/roles/3",
            Value::Null,
            "/console/accounts/7?done=account-role-taken",
        ),
        (
            "/console/accounts/7/api-keys/8/end",
            "",
            "DELETE /users/7/api-keys/8",
            Value::Null,
            "/console/accounts/7?done=account-key-ended",
        ),
        (
            "/console/accounts/7/activate",
            "",
            "PUT /users/7/activate",
            Value::Null,
            "/console/accounts/7?done=account-activated",
        ),
        (
            "/console/accounts/7/deactivate",
            "",
            "PUT /users/7/deactivate",
            Value::Null,
            "/console/accounts/7?done=account-deactivated",
        ),
        (
            "/console/accounts/7/verify",
            "",
            "PUT /users/7",
            json!({"email_verified": true}),
            "/console/accounts/7?done=account-verified",
        ),
        (
            "/console/accounts/7/unverify",
            "",
            "PUT /users/7",
            json!({"email_verified": false}),
            "/console/accounts/7?done=account-unverified",
        ),
        (
            "/console/accounts/7/make-admin",
            "",
            "PUT /users/7/make-admin",
            Value::Null,
            "/console/accounts/7?done=account-admin-made",
        ),
        (
            "/console/accounts/7/remove-admin",
            "",
            "PUT /users/7/remove-admin",
            Value::Null,
            "/console/accounts/7?done=account-admin-removed",
        ),
        (
            "/console/accounts/7/password-reset",
            "",
            "POST /users/7/password-reset",
            Value::Null,
            "/console/accounts/7?done=account-reset-sent",
        ),
        (
            "/console/accounts/7/sessions",
            "",
            "DELETE /users/7/sessions",
            Value::Null,
            "/console/accounts/7?done=account-sessions-ended",
        ),
        (
            "/console/accounts/7/factors",
            "",
            "DELETE /users/7/factors",
            Value::Null,
            "/console/accounts/7?done=account-factors-removed",
        ),
        (
            "/console/accounts/7/delete",
            "",
            "DELETE /users/7",
            Value::Null,
            "/console/accounts?done=account-removed",
        ),
        (
            "/console/roles",
            "name=editor&description=&is_default=true",
            "POST /rbac/roles",
            json!({"name": "editor", "description": null, "is_default": true, "requires_second_factor": false}),
            "/console/roles/3?done=role-created",
        ),
        (
            "/console/roles/3",
            "name=writer&description=Edits&requires_second_factor=true",
            "PUT /rbac/roles/3",
            json!({"name": "writer", "requires_second_factor": true}),
            "/console/roles/3?done=role-saved",
        ),
        (
            "/console/roles/3/holders",
            "user_id=+7+",
            "POST /rbac/users/7/roles",
            json!({"role_ids": [3]}),
            "/console/roles/3?done=role-given",
        ),
        (
            "/console/roles/3/holders/7/take",
            "",
            "DELETE /rbac/users/7/roles/3",
            Value::Null,
            "/console/roles/3?done=role-taken",
        ),
        (
            "/console/roles/3/delete",
            "",
            "DELETE /rbac/roles/3",
            Value::Null,
            "/console/roles?done=role-deleted",
        ),
        (
            "/console/permissions",
            "name=n&description=d&resource=r&action=a",
            "POST /rbac/permissions",
            json!({"name": "n", "description": "d", "resource": "r", "action": "a"}),
            "/console/permissions?done=permission-created",
        ),
        (
            "/console/permissions/5",
            "name=read+articles&description=&resource=article&action=all",
            "PUT /rbac/permissions/5",
            json!({"action": "all"}),
            "/console/permissions/5?done=permission-saved",
        ),
        (
            "/console/permissions/5/delete",
            "",
            "DELETE /rbac/permissions/5",
            Value::Null,
            "/console/permissions?done=permission-deleted",
        ),
    ]
}

/// The forms that answer with a report or with a key: path, fields, the request to the API, and what the page says.
fn reports() -> Vec<(&'static str, &'static str, &'static str, Value, &'static str)> {
    let all = json!({"user_ids": [7]});
    vec![
        (
            "/console/accounts/bulk/apply",
            "action=deactivate&user_ids=7",
            "PUT /users/bulk/deactivate",
            all.clone(),
            "Deactivated.",
        ),
        (
            "/console/accounts/bulk/apply",
            "action=activate&user_ids=7",
            "PUT /users/bulk/activate",
            all,
            "Activated.",
        ),
        (
            "/console/accounts/bulk/apply",
            "action=end-sessions&user_ids=7",
            "DELETE /users/7/sessions",
            Value::Null,
            "All sessions have ended.",
        ),
        (
            "/console/accounts/bulk/apply",
            "action=give-role&user_ids=7&role_id=3",
            "POST /rbac/users/7/roles",
            json!({"role_ids": [3]}),
            "Has the role.",
        ),
        (
            "/console/permissions/save",
            "was=3-5&grants=3-6",
            "PUT /rbac/roles/3",
            json!({"permission_ids": [6]}),
            "Saved: 1 added, 1 removed.",
        ),
        (
            "/console/accounts/7/api-keys",
            "name=nightly&permissions=article:read&addresses=&expires_at=",
            "POST /users/7/api-keys",
            json!({"name": "nightly", "permissions": ["article:read"]}),
            "uk_secret",
        ),
    ]
}

#[tokio::test]
async fn each_page_shows_what_the_api_tells() {
    let fixture = Fixture::with(&["admin:all"]).await;
    for (path, texts) in PAGES {
        let seen = fixture.get(path).await;
        assert_eq!(seen.status, 200, "{path}: {}", seen.body);
        for text in texts {
            assert!(seen.body.contains(text), "{path}: expected {text:?}: {}", seen.body);
        }
        assert!(fixture.changes().is_empty(), "{path}: expected no change");
    }
}

#[tokio::test]
async fn every_text_is_in_the_catalogue() {
    // A text that is missing is shown as its key.
    let fixture = Fixture::with(&["admin:all"]).await;
    let areas = ["accounts-", "admin-account-", "role-", "roles-", "permissions-", "console-", "nav-"];
    let mut bodies = Vec::new();
    for (path, _) in PAGES {
        bodies.push(fixture.get(path).await.body);
    }
    for (path, form, ..) in reports() {
        bodies.push(fixture.post(path, form).await.body);
    }
    for (.., place) in forms() {
        let body = fixture.get(place).await.body;
        assert!(body.contains("role=\"status\""), "{place}: expected a message: {body}");
        bodies.push(body);
    }
    for body in bodies {
        for text in body.split('>').filter_map(|part| part.split('<').next()) {
            assert!(!areas.iter().any(|area| text.trim().starts_with(area)), "{text}");
        }
    }
}

#[tokio::test]
async fn a_form_asks_the_api_and_leads_to_a_page_that_tells_it() {
    let fixture = Fixture::with(&["admin:all"]).await;
    for (path, form, request, body, place) in forms() {
        let seen = fixture.post(path, form).await;
        assert_eq!((seen.status, seen.location.as_deref()), (303, Some(place)), "{path}: {}", seen.body);
        assert_eq!(fixture.changes(), [(request.to_owned(), body)], "{path} {form}");
    }
}

#[tokio::test]
async fn a_report_tells_what_the_api_did() {
    let fixture = Fixture::with(&["admin:all"]).await;
    for (path, form, request, body, text) in reports() {
        let seen = fixture.post(path, form).await;
        assert_eq!(seen.status, 200, "{path}: {}", seen.body);
        assert!(seen.body.contains(text), "{path}: expected {text:?}: {}", seen.body);
        assert_eq!(fixture.changes(), [(request.to_owned(), body)], "{path} {form}");
    }
}

#[tokio::test]
async fn a_refusal_has_its_status_and_its_words() {
    for (status, code, words) in [
        (409, "last_admin", "No active administrator would be left."),
        (409, "cannot_target_self", "You cannot do this to your own account."),
        (403, "exceeds_own_rights", "You can only give rights that you have yourself."),
        (409, "name_taken", "This name is in use already."),
        (409, "email_taken", "Another account has this e-mail address."),
        (409, "default_role_administrates", "A default role cannot grant admin:all"),
        (409, "account_inactive", "Activate it first."),
        (409, "service_account", "A service account has no e-mail address"),
        (409, "not_a_service_account", "This account belongs to a person"),
        (409, "too_many_api_keys", "100 API keys"),
        (403, "admin_required", "Only administrators may do this."),
    ] {
        let fixture = Fixture::refusing(status, code).await;
        let sent = forms().into_iter().chain(reports());
        for (path, form, ..) in sent {
            let seen = fixture.post(path, form).await;
            assert_eq!(seen.status, status, "{path} {code}: {}", seen.body);
            assert!(seen.body.contains(words), "{path} {code}: expected {words:?}: {}", seen.body);
        }
    }
}

#[tokio::test]
async fn the_fault_of_a_field_is_beside_it_and_what_was_entered_stays() {
    let fixture = Fixture::refusing(422, "validation_failed").await;
    for (path, form) in [
        ("/console/roles", "name=entered"),
        ("/console/roles/3", "name=entered"),
        ("/console/permissions", "name=entered&resource=r"),
        ("/console/permissions/5", "name=entered&resource=r"),
        ("/console/accounts/7/api-keys", "name=entered"),
    ] {
        let seen = fixture.post(path, form).await;
        assert_eq!(seen.status, 422, "{path}: {}", seen.body);
        let is_program_only = path.ends_with("/api-keys");
        if !is_program_only {
            assert!(seen.body.contains("value=\"entered\""), "{path}: {}", seen.body);
            assert!(seen.body.contains("aria-invalid=\"true\""), "{path}: {}", seen.body);
        }
    }
}

#[tokio::test]
async fn a_confirmation_changes_nothing() {
    let fixture = Fixture::with(&["admin:all"]).await;
    let seen = fixture.post("/console/accounts/bulk", "action=deactivate&user_ids=7&user_ids=99").await;
    assert_eq!(seen.status, 200, "{}", seen.body);
    for text in ["2 accounts will be deactivated.", "Ada", "Account 99", "There is no such account any more."]
    {
        assert!(seen.body.contains(text), "expected {text:?}: {}", seen.body);
    }
    assert!(fixture.changes().is_empty());
    for (form, text) in [
        ("action=deactivate", "Select at least one account."),
        ("user_ids=7&action=explode", "Choose an action from the list."),
        ("user_ids=7&action=give-role&role_id=9", "Choose the role that the accounts get."),
    ] {
        for path in ["/console/accounts/bulk", "/console/accounts/bulk/apply"] {
            let seen = fixture.post(path, form).await;
            assert_eq!(seen.status, 422, "{path} {form}: {}", seen.body);
            assert!(seen.body.contains(text), "{path} {form}: {}", seen.body);
        }
    }
    assert!(fixture.changes().is_empty());
}

#[tokio::test]
async fn what_is_not_there_is_404() {
    let fixture = Fixture::with(&["admin:all"]).await;
    for path in [
        "/console/accounts/8",
        "/console/accounts/x",
        "/console/accounts/0",
        "/console/accounts/7/explode",
        "/console/accounts/8/delete",
        "/console/roles/4",
        "/console/roles/x",
        "/console/roles/4/delete",
        "/console/permissions/6",
        "/console/permissions/x",
    ] {
        let seen = fixture.get(path).await;
        assert_eq!(seen.status, 404, "{path}: {}", seen.body);
        assert!(seen.body.contains("<h1>"), "{path}: expected a page");
    }
    for path in ["/console/accounts/7/explode", "/console/accounts/x/delete", "/console/roles/3/holders"] {
        assert_eq!(fixture.post(path, "user_id=x").await.status, 404, "{path}");
    }
    assert!(fixture.changes().is_empty());
}

#[tokio::test]
async fn who_may_only_look_is_offered_nothing_else() {
    let fixture = Fixture::with(&["accounts:read", "rbac:read"]).await;
    for path in [
        "/console/accounts",
        "/console/accounts/7",
        "/console/roles",
        "/console/roles/3",
        "/console/permissions",
    ] {
        let body = fixture.get(path).await.body;
        assert!(!body.contains("method=\"post\" action=\"/console"), "{path}: expected no form: {body}");
        assert!(!body.contains("/delete\"") && !body.contains("/make-admin\""), "{path}: {body}");
    }
    for path in [
        "/console/accounts/new",
        "/console/accounts/7/delete",
        "/console/accounts/7/make-admin",
        "/console/roles/3/delete",
        "/console/permissions/5/delete",
    ] {
        assert_eq!(fixture.get(path).await.status, 403, "{path}");
    }
    let operator = Fixture::with(&["accounts:read", "accounts:write"]).await;
    let body = operator.get("/console/accounts/7").await.body;
    assert!(
        body.contains("/7/delete\"") && !body.contains("/7/make-admin\"") && !body.contains("/console/roles")
    );
    let asked = operator.api.reads.lock().unwrap().clone();
    assert!(
        !asked.iter().any(|path| path.starts_with("/rbac/role")),
        "expected no question in vain: {asked:?}"
    );
}

#[tokio::test]
async fn filters_and_pages_are_those_of_the_api() {
    let fixture = Fixture::with(&["accounts:read"]).await;
    fixture.get("/console/accounts?search=+a%26b+&active_only=true&kind=service&after=9&nonsense=1").await;
    fixture.get("/console/accounts?after=x&kind=robot").await;
    let asked = fixture.api.reads.lock().unwrap().clone();
    let asked: Vec<_> = asked.iter().filter(|path| path.starts_with("/users")).collect();
    assert_eq!(
        asked,
        ["/users/?search=a%26b&active_only=true&kind=service&after=9&limit=26", "/users/?limit=26"]
    );
}
