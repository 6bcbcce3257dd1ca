//! Measures the work before and after a request's statement: reading input, writing answers, and both in whole requests.
//!
//! The kit logs each request to standard error, so run the bench by hand with `2>/dev/null`.

use std::hint::black_box;

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts};
use axum::http::Request;
use axum::http::request::Parts;
use criterion::{BatchSize, Criterion};
use futures::executor::block_on;
use serde::{Deserialize, Serialize};
use users_core::{
    AccountKind, Email, NewPassword, Password, Profile, StoredProfile, Timestamp, User, UserId,
};
use users_guard::UserPath;
use users_web::{
    About, Checks, Component, ETag, Field, FormInput, IfNoneMatch, Input, IntoResponse, Json, JsonInput,
    PageQuery, PathInput, Public, QueryInput, Versioned, get,
};

fn main() {
    let mut criterion = users_bench::criterion();
    reading(&mut criterion);
    answers(&mut criterion);
    whole_requests(&mut criterion);
    criterion.final_summary();
}

/// The form of `POST /auth/login`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Login {
    username: Field<String>,
    password: Field<Password>,
}

impl Input for Login {
    type Accepted = (String, Password);

    fn check(self, checks: &mut Checks) -> Option<Self::Accepted> {
        let (username, password) =
            (checks.required("/username", self.username), checks.required("/password", self.password));
        username.zip(password)
    }
}

/// The body of `POST /auth/register`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Registration {
    email: Field<Email>,
    password: Field<NewPassword>,
}

impl Input for Registration {
    type Accepted = (Email, NewPassword);

    fn check(self, checks: &mut Checks) -> Option<Self::Accepted> {
        let (email, password) =
            (checks.required("/email", self.email), checks.required("/password", self.password));
        email.zip(password)
    }
}

fn reading(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read");
    group.bench_function("form of a login", |it| {
        let form = "grant_type=password&username=ada%40example.com&password=correct+horse+battery";
        let request = || with_body("application/x-www-form-urlencoded", form);
        let read = |request| block_on(FormInput::<Login>::from_request(request, &())).expect("a login");
        it.iter_batched(request, read, BatchSize::SmallInput);
    });
    group.bench_function("JSON of a registration", |it| {
        let json = r#"{"email": "ada@example.com", "password": "correct horse battery", "full_name": "Ada"}"#;
        let request = || with_body("application/json", json);
        let read = |request| block_on(JsonInput::<Registration>::from_request(request, &())).expect("one");
        it.iter_batched(request, read, BatchSize::SmallInput);
    });
    group.bench_function("query of a list", |it| {
        let mut parts = parts("/users?after=4711&limit=50&total=true", None);
        it.iter(|| block_on(QueryInput::<PageQuery>::from_request_parts(&mut parts, &())).expect("a page"));
    });
    group.bench_function("If-None-Match, and its comparison", |it| {
        let (mut parts, version) =
            (parts("/users/7", Some("\"a\", \"5e1f0a6c3d2b1\"")), [1_655_842_571_137_713]);
        it.iter(|| {
            let Ok(known) = block_on(IfNoneMatch::from_request_parts(&mut parts, &()));
            Versioned::unless_known(ETag::of(black_box(&version)), &known, Json(()))
        });
    });
    group.finish();
}

/// The answer of `GET /auth/me`.
#[derive(Clone, Serialize)]
struct Me {
    #[serde(flatten)]
    user: User,
    roles: Vec<String>,
}

fn answers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("write");
    let me = Me { user: user(), roles: vec!["user".to_owned(), "approver".to_owned()] };
    let stored: StoredProfile = serde_json::from_str(PROFILE).expect("a profile");
    let profile = Profile::new(user(), Some(stored));
    group.bench_function("user", |it| {
        it.iter_batched(user, |user| Json(user).into_response(), BatchSize::SmallInput);
    });
    group.bench_function("me", |it| {
        it.iter_batched(|| me.clone(), |me| Json(me).into_response(), BatchSize::SmallInput);
    });
    group.bench_function("profile", |it| {
        it.iter_batched(|| profile.clone(), |it| Json(it).into_response(), BatchSize::SmallInput);
    });
    group.bench_function("50 users", |it| {
        it.iter_batched(|| vec![user(); 50], |users| Json(users).into_response(), BatchSize::SmallInput);
    });
    group.finish();
}

/// From the host's request to the answer. This includes the log line, but no guard and no statement.
fn whole_requests(criterion: &mut Criterion) {
    let answer = user();
    let handler = async move |PathInput(_): PathInput<UserPath>| Json(answer.clone());
    let component = Component::new(
        "bench",
        vec![get("/users/{user_id}", Public, handler, || About::new("x", "", ""))],
        (),
    );
    let mut group = criterion.benchmark_group("request");
    for (name, path, status) in [
        ("GET of a user", "/users/7", 200),
        ("GET of no route (404)", "/nowhere", 404),
        ("GET with a broken id (422)", "/users/x", 422),
    ] {
        let request = || Request::get(path).body(Body::empty()).expect("a request");
        assert_eq!(block_on(component.answer(request())).status(), status);
        group.bench_function(name, |it| {
            it.iter_batched(request, |it| block_on(component.answer(it)), BatchSize::SmallInput);
        });
    }
    group.finish();
}

fn with_body(content_type: &str, body: &'static str) -> Request<Body> {
    Request::post("/").header("content-type", content_type).body(Body::from(body)).expect("a request")
}

fn parts(uri: &str, if_none_match: Option<&str>) -> Parts {
    let request = Request::get(uri).header("if-none-match", if_none_match.unwrap_or("\"x\""));
    request.body(()).expect("a request").into_parts().0
}

fn user() -> User {
    let time: Timestamp = serde_json::from_str(r#""2026-05-15T09:30:00.123456Z""#).expect("a time");
    User {
        id: UserId::try_from(7).expect("an id"),
        email: Some("ada@example.com".to_owned()),
        full_name: Some("Ada Lovelace".to_owned()),
        is_active: true,
        is_admin: false,
        created_at: time,
        updated_at: time,
        email_verified: false,
        kind: AccountKind::Person,
    }
}

const PROFILE: &str = r#"{
    "bio": "Poetical science", "avatar_url": null, "location": "London", "website": "https://example.com/ada",
    "phone_number": "+44 20 7946 0958", "birth_date": "1990-12-10",
    "preferences": {"theme": "dark", "language": "en", "privacy_public_profile": true},
    "created_at": "2026-05-15T09:30:00.123456Z", "updated_at": "2026-05-15T09:30:00.123456Z"
}"#;
