//! The fixture of the profile tests.

use serde_json::{Value, json};
use users_tests::{Account, Answer, Request, Service, assert_common_headers, assert_no_store};

/// The members that the owner of a profile sees.
pub(crate) const PROFILE_FIELDS: [&str; 13] = [
    "avatar_url",
    "bio",
    "birth_date",
    "created_at",
    "email",
    "full_name",
    "id",
    "location",
    "phone_number",
    "preferences",
    "updated_at",
    "user_id",
    "website",
];

/// The members that strangers see.
pub(crate) const PUBLIC_FIELDS: [&str; 9] =
    ["avatar_url", "bio", "created_at", "full_name", "id", "location", "updated_at", "user_id", "website"];

/// A service with Ada's account.
pub(crate) struct Fixture {
    pub(crate) service: Service,
    pub(crate) ada: Account,
}

impl Fixture {
    pub(crate) async fn start() -> Self {
        Self::of(Service::start().await).await
    }

    /// Starts a service whose statements may overlap.
    pub(crate) async fn with_many_instances() -> Self {
        Self::of(Service::builder().one_request_per_instance().start().await).await
    }

    async fn of(service: Service) -> Self {
        let ada = service.account("ada@example.com").await;
        Self { service, ada }
    }

    /// A request by Ada.
    pub(crate) fn ask(&self, method: &str, path: &str) -> Request {
        self.service.request(method, path).bearer(&self.ada.tokens.access)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path).send().await
    }

    pub(crate) async fn post(&self, body: &Value) -> Answer {
        self.ask("POST", "/profile/").json(body).send().await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.ask("PUT", path).json(body).send().await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.ask("DELETE", path).send().await
    }

    /// Ada's profile.
    pub(crate) async fn profile(&self) -> Value {
        self.get("/profile/").await.expect(200).json()
    }

    /// Ada's preferences.
    pub(crate) async fn preferences(&self) -> Value {
        self.get("/profile/preferences").await.expect(200).json()
    }

    /// All rows that the routes may change.
    pub(crate) async fn everything(&self) -> Vec<String> {
        self.service
            .sql("SELECT 'user ' || t::text FROM users t UNION ALL SELECT 'profile ' || t::text FROM profiles t ORDER BY 1")
            .await
    }
}

/// A profile with every field.
pub(crate) fn full() -> Value {
    json!({
        "full_name": "Ada Lovelace",
        "bio": "Poetical science",
        "avatar_url": "https://example.com/ada.png",
        "location": "London",
        "website": "https://example.com/ada",
        "phone_number": "+44 (20) 7946-0958",
        "birth_date": "1915-12-10",
        "preferences": {"theme": "dark", "x": 1},
    })
}

/// Asserts that the profile contains the sent values.
#[track_caller]
pub(crate) fn assert_holds(profile: &Value, sent: &Value) {
    for (field, value) in sent.as_object().expect("fields are sent as an object") {
        assert_eq!(&profile[field], value, "expected {field} as sent: {profile:#}");
    }
}

/// Asserts that the answer is an empty 204.
#[track_caller]
pub(crate) fn assert_nothing(answer: &Answer) {
    assert_eq!(answer.status, 204, "expected 204: {answer:#?}");
    assert_common_headers(answer);
    assert_no_store(answer);
}
