//! Assertions that hold for every answer.

use serde_json::Value;

use crate::Answer;

/// The members of a user object.
pub const USER_FIELDS: [&str; 9] = [
    "created_at",
    "email",
    "email_verified",
    "full_name",
    "id",
    "is_active",
    "is_admin",
    "kind",
    "updated_at",
];

/// The codes that an answer with each status may have.
const CODES: [(u16, &[&str]); 15] = [
    (400, &["malformed_body"]),
    (
        401,
        &[
            "not_authenticated",
            "invalid_token",
            "invalid_credentials",
            "second_factor_required",
            "insufficient_user_authentication",
        ],
    ),
    (
        403,
        &[
            "address_refused",
            "inactive_account",
            "admin_required",
            "exceeds_own_rights",
            "permission_denied",
            "registration_closed",
            "email_unverified",
            "wrong_password",
            "api_key_not_allowed",
        ],
    ),
    (404, &["not_found"]),
    (405, &["method_not_allowed"]),
    (408, &["request_timeout"]),
    (
        409,
        &[
            "email_taken",
            "name_taken",
            "profile_exists",
            "last_admin",
            "cannot_target_self",
            "default_role_administrates",
            "account_inactive",
            "service_account",
            "not_a_service_account",
            "too_many_api_keys",
            "no_second_factor",
            "totp_not_begun",
            "too_many_passkeys",
            "passkey_exists",
        ],
    ),
    (410, &["link_invalid"]),
    (412, &["precondition_failed"]),
    (413, &["body_too_large"]),
    (415, &["unsupported_media_type"]),
    (422, &["validation_failed"]),
    (429, &["too_many_requests"]),
    (500, &["internal_error"]),
    (503, &["database_unavailable", "too_busy"]),
];

/// Asserts that the answer has a request id, `nosniff`, a length, and JSON if there is a body.
///
/// # Panics
/// When one of them is missing.
#[track_caller]
pub fn assert_common_headers(answer: &Answer) {
    let id = answer.request_id();
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    assert!((1..=128).contains(&id.len()) && id.chars().all(plain), "expected a request id: {answer:#?}");
    assert_eq!(
        answer.header("x-content-type-options").as_deref(),
        Some("nosniff"),
        "expected nosniff on every response: {answer:#?}"
    );
    let length = answer.header("content-length");
    if answer.status == 204 {
        // RFC 9110 section 8.6 forbids a length here.
        assert_eq!((length, answer.body.as_str()), (None, ""), "expected nothing after a 204: {answer:#?}");
        return;
    }
    let length: usize = length
        .and_then(|length| length.parse().ok())
        .unwrap_or_else(|| panic!("expected Content-Length on every response: {answer:#?}"));
    if answer.method != "HEAD" {
        assert_eq!(length, answer.body.len(), "expected Content-Length to be the body's: {answer:#?}");
    }
    let media_type = answer.header("content-type").unwrap_or_default();
    let json = ["application/json", "application/problem+json", "application/jwk-set+json"];
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    assert!(json.contains(&essence), "expected JSON: {answer:#?}");
}

/// Asserts a complete problem (RFC 9457) with this status and code.
///
/// # Panics
/// When the problem breaks a rule.
#[track_caller]
pub fn assert_problem(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "expected {status} {code}: {answer:#?}");
    assert_eq!(answer.json()["code"], code, "expected {status} {code}: {answer:#?}");
    assert_is_problem(answer);
}

/// Asserts a complete problem (RFC 9457).
///
/// # Panics
/// When the problem breaks a rule.
#[track_caller]
pub fn assert_is_problem(answer: &Answer) {
    assert_common_headers(answer);
    let media_type = answer.header("content-type").unwrap_or_default();
    assert!(media_type.starts_with("application/problem+json"), "expected a problem document: {answer:#?}");
    let body = answer.json();
    let text = |member: &str| match body[member].as_str() {
        Some(text) if !text.trim().is_empty() => text.to_owned(),
        _ => panic!("expected the text {member}: {answer:#?}"),
    };
    text("type");
    text("title");
    assert!(!text("detail").contains('\n'), "expected one sentence as detail: {answer:#?}");
    assert_eq!(body["status"], answer.status, "expected the status in the body, too: {answer:#?}");
    assert_eq!(
        text("request_id"),
        answer.request_id(),
        "expected the same request id in the header and the body: {answer:#?}"
    );
    let code = text("code");
    let codes = CODES.iter().find(|(status, _)| *status == answer.status).map(|(_, codes)| *codes);
    assert!(
        codes.is_some_and(|codes| codes.contains(&code.as_str())),
        "unknown status and code: {answer:#?}"
    );
    let allowed = ["code", "detail", "error", "errors", "request_id", "status", "title", "type"];
    let of_a_challenge = ["challenge", "expires_in", "methods", "passkey_options"];
    let is_allowed = |it: &str| {
        allowed.contains(&it) || (code == "second_factor_required" && of_a_challenge.contains(&it))
    };
    assert!(fields(&body).iter().all(|it| is_allowed(it)), "unknown member: {answer:#?}");
    assert_eq!(
        body.get("errors").is_some(),
        code == "validation_failed",
        "expected a list of errors only with validation_failed: {answer:#?}"
    );
    if code == "validation_failed" {
        assert_errors(answer, &body["errors"]);
    }
    assert_eq!(
        body["error"].as_str(),
        oauth_error(answer),
        "expected the error of OAuth 2.0 where its clients read it: {answer:#?}"
    );
    assert_headers_of(answer, &code);
}

/// The OAuth 2.0 error of the problem, for the routes that OAuth clients use.
fn oauth_error(answer: &Answer) -> Option<&str> {
    // A path with two slashes at its end names no route.
    let path = answer.path.strip_suffix('/').unwrap_or(&answer.path);
    let speaks_oauth = ["/auth/login", "/auth/refresh", "/auth/revoke"].contains(&path);
    speaks_oauth.then_some(match answer.status {
        401 | 403 => "invalid_grant",
        429 | 503 => "temporarily_unavailable",
        500 => "server_error",
        // An unknown `grant_type` has its own error. Other tests check that.
        422 if answer.body.contains("\"unsupported_grant_type\"") => "unsupported_grant_type",
        _ => "invalid_request",
    })
}

#[track_caller]
fn assert_errors(answer: &Answer, errors: &Value) {
    let errors = errors.as_array().unwrap_or_else(|| panic!("expected a list of errors: {answer:#?}"));
    assert!(!errors.is_empty(), "expected at least one error: {answer:#?}");
    for error in errors {
        assert_eq!(fields(error), ["message", "pointer"], "expected pointer and message: {answer:#?}");
        let pointer = error["pointer"].as_str().unwrap_or_default();
        assert!(pointer.is_empty() || pointer.starts_with('/'), "expected a JSON pointer: {answer:#?}");
        assert!(
            error["message"].as_str().is_some_and(|it| !it.is_empty()),
            "expected a message: {answer:#?}"
        );
    }
}

/// Asserts the header fields that an answer with this status has.
#[track_caller]
fn assert_headers_of(answer: &Answer, code: &str) {
    let challenge = answer.header("www-authenticate").unwrap_or_default();
    match code {
        "not_authenticated" => assert_eq!(
            challenge, r#"Bearer realm="users""#,
            "expected a challenge without an error (RFC 6750 section 3.1): {answer:#?}"
        ),
        "invalid_token" => assert!(
            challenge.starts_with(r#"Bearer realm="users", error="invalid_token", error_description=""#)
                && challenge.ends_with('"'),
            "expected a challenge with the error (RFC 6750 section 3): {answer:#?}"
        ),
        "insufficient_user_authentication" => assert!(
            challenge.starts_with(
                r#"Bearer realm="users", error="insufficient_user_authentication", error_description=""#
            ) && challenge.ends_with(", max_age=600"),
            "expected the challenge of RFC 9470 section 3: {answer:#?}"
        ),
        "method_not_allowed" => {
            assert!(answer.header("allow").is_some_and(|it| !it.is_empty()), "expected Allow: {answer:#?}");
        }
        "database_unavailable" | "too_busy" => {
            let seconds = answer.header("retry-after").and_then(|it| it.parse::<u32>().ok());
            assert!(seconds.is_some(), "expected Retry-After in seconds: {answer:#?}");
        }
        _ => {}
    }
}

/// Asserts that no cache may store the answer.
///
/// # Panics
/// When a cache may store it.
#[track_caller]
pub fn assert_no_store(answer: &Answer) {
    let control = answer.header("cache-control");
    assert_eq!(control.as_deref(), Some("no-store"), "expected Cache-Control: no-store: {answer:#?}");
}

/// The `ETag` of an answer. It must be a strong entity tag (RFC 9110 section 8.8.3).
///
/// # Panics
/// When there is no such tag.
#[track_caller]
pub fn etag(answer: &Answer) -> String {
    let tag = answer.header("etag").unwrap_or_else(|| panic!("expected ETag: {answer:#?}"));
    let opaque = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
    assert!(
        opaque.is_some_and(|it| !it.is_empty() && !it.contains('"')),
        "expected a strong tag: {answer:#?}"
    );
    tag
}

/// Asserts that the value is a user object without other members.
///
/// # Panics
/// When the value is something else.
#[track_caller]
pub fn assert_user(user: &Value) {
    assert_eq!(fields(user), USER_FIELDS, "expected a User: {user:#}");
    assert!(
        user["id"].as_i64().is_some_and(|id| (1..=i64::from(i32::MAX)).contains(&id)),
        "expected an id: {user:#}"
    );
    assert!(
        if user["kind"] == "service" { user["email"].is_null() } else { user["email"].is_string() },
        "expected an address of a person only: {user:#}"
    );
    assert!(user["kind"] == "service" || user["kind"] == "person", "expected a kind: {user:#}");
    assert!(
        user["full_name"].is_string() || user["full_name"].is_null(),
        "expected a name or null: {user:#}"
    );
    assert!(
        user["is_active"].is_boolean() && user["is_admin"].is_boolean(),
        "expected two booleans: {user:#}"
    );
    assert_timestamp(&user["created_at"]);
    assert_timestamp(&user["updated_at"]);
}

/// Asserts a time in UTC with microseconds, such as `2026-05-15T09:30:00.123456Z`.
///
/// # Panics
/// When the value is not such a time.
#[track_caller]
pub fn assert_timestamp(value: &Value) {
    let shape: String = value
        .as_str()
        .unwrap_or_default()
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    assert_eq!(shape, "0000-00-00T00:00:00.000000Z", "expected RFC 3339 in UTC: {value}");
}

/// The sorted names of an object's members.
///
/// # Panics
/// When the value is not an object.
#[must_use]
#[track_caller]
pub fn fields(object: &Value) -> Vec<String> {
    let members = object.as_object().unwrap_or_else(|| panic!("expected an object: {object:#}"));
    let mut names: Vec<String> = members.keys().cloned().collect();
    names.sort_unstable();
    names
}

/// The sorted pointers of a 422, without duplicates.
///
/// # Panics
/// When the answer is not a 422.
#[must_use]
#[track_caller]
pub fn pointers(answer: &Answer) -> Vec<String> {
    assert_problem(answer, 422, "validation_failed");
    let body = answer.json();
    let errors = body["errors"].as_array().into_iter().flatten();
    let mut pointers: Vec<String> =
        errors.filter_map(|it| it["pointer"].as_str()).map(str::to_owned).collect();
    pointers.sort_unstable();
    pointers.dedup();
    pointers
}
