//! Tests that `openapi.json` follows OWASP's rules for APIs. Spectral checks the rules.

use std::os::unix::fs::symlink;
use std::process::Stdio;

use serde_json::Value;

use crate::tools::{document_path, file, node, node_modules};

/// The rule that every list has a maximum.
const ARRAY_LIMIT: &str = "owasp:api4:2023-array-limit";

/// Places that break a rule for a good reason.
const EXPLAINED: &[(&str, Place, &str)] = &[
    (
        "owasp:api4:2023-string-limit",
        Place::RequestHeader,
        "Hosts limit the head of a request as a whole, and a header that says nothing known is not refused.",
    ),
    (
        "owasp:api4:2023-string-limit",
        Place::EndsWith(&["text/html", "schema"]),
        "A page is as long as it is.",
    ),
    (ARRAY_LIMIT, Place::EndsWith(&["properties", "roles"]), "Nothing limits the roles of an account."),
    (
        ARRAY_LIMIT,
        Place::EndsWith(&["properties", "permissions"]),
        "Nothing limits the permissions of a role, nor those of all roles of an account.",
    ),
    (ARRAY_LIMIT, Place::Answer("/rbac/users/{user_id}/roles"), "Nothing limits the roles of an account."),
    (ARRAY_LIMIT, Place::Answer("/auth/sessions"), "Nothing limits the sessions of an account."),
    (ARRAY_LIMIT, Place::Answer("/users/{user_id}/sessions"), "Nothing limits the sessions of an account."),
    (
        ARRAY_LIMIT,
        Place::Answer("/auth/api-keys"),
        "An account has at most 100 keys; the kit's lists do not say so.",
    ),
    (
        ARRAY_LIMIT,
        Place::Answer("/users/{user_id}/api-keys"),
        "An account has at most 100 keys; the kit's lists do not say so.",
    ),
    (
        ARRAY_LIMIT,
        Place::Answer("/auth/passkeys"),
        "An account has at most 20 passkeys; the kit's lists do not say so.",
    ),
    (ARRAY_LIMIT, Place::Property("JwkSet", "keys"), "Nothing limits how many keys are made by hand."),
    (ARRAY_LIMIT, Place::Property("AccountExport", "sessions"), "An export leaves nothing out."),
    (ARRAY_LIMIT, Place::Property("AccountExport", "links"), "An export leaves nothing out."),
    (ARRAY_LIMIT, Place::Property("AccountExport", "messages"), "An export leaves nothing out."),
    (ARRAY_LIMIT, Place::Property("ExportedFactors", "login_challenges"), "An export leaves nothing out."),
    (ARRAY_LIMIT, Place::Property("ExportedFactors", "passkey_challenges"), "An export leaves nothing out."),
    (ARRAY_LIMIT, Place::Property("ExportedSession", "refresh_tokens"), "An export leaves nothing out."),
    (
        "owasp:api2:2023-write-restricted",
        Place::Operation(&["/auth/register", "/auth/login", "/auth/login/factor", "/auth/passkeys/login", "/auth/refresh"]),
        "Whoever has no access token gets one here.",
    ),
    (
        "owasp:api2:2023-write-restricted",
        Place::Operation(&["/auth/revoke"]),
        "The token in the body is the only credential that revocation needs (RFC 7009 section 2.1, for public clients).",
    ),
    (
        "owasp:api2:2023-write-restricted",
        Place::Operation(&["/auth/password/forgot", "/auth/password/reset", "/auth/email/verify"]),
        "Whoever has forgotten the password has no access token. The token of a link takes its place.",
    ),
    ("owasp:api2:2023-read-restricted", Place::Operation(PAGES), "They hold nothing of anybody."),
    (
        "owasp:api2:2023-read-restricted",
        Place::Operation(&["/.well-known/jwks.json"]),
        "Everyone may verify tokens, and the keys are public.",
    ),
    ("owasp:api8:2023-define-error-responses-401", Place::Public, "What asks for no token refuses none."),
    (
        "owasp:api8:2023-define-error-responses-500",
        Place::Operation(PAGES),
        "They read nothing that can fail but Postgres (503); a test provokes every status that the document has.",
    ),
];

/// Pages, metadata and health checks, which everyone may read.
const PAGES: &[&str] = &[
    "/",
    "/healthz",
    "/readyz",
    "/openapi.json",
    "/docs",
    "/redoc",
    "/.well-known/oauth-authorization-server",
];

/// The place of a finding.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// The schema of a request header.
    RequestHeader,
    /// A place whose path ends with these members.
    EndsWith(&'static [&'static str]),
    /// The schema of the answer to GET at this path.
    Answer(&'static str),
    /// A property of this schema.
    Property(&'static str, &'static str),
    /// An operation on one of these paths.
    Operation(&'static [&'static str]),
    /// An operation that needs no token.
    Public,
}

impl Place {
    /// `path` leads to the finding in the document.
    fn has(self, path: &[&str], document: &Value) -> bool {
        let operation = match path {
            ["paths", path, method, ..] => &document["paths"][path][method],
            _ => &Value::Null,
        };
        match self {
            Self::EndsWith(members) => path.ends_with(members),
            Self::Answer(of) => {
                path == ["paths", of, "get", "responses", "200", "content", "application/json", "schema"]
            }
            Self::Property(schema, name) => path.ends_with(&[schema, "properties", name]),
            Self::Operation(paths) => path.get(1).is_some_and(|it| path[0] == "paths" && paths.contains(it)),
            Self::Public => operation["security"].as_array().is_some_and(Vec::is_empty),
            Self::RequestHeader => match path {
                [_, _, _, "parameters", index, "schema"] => {
                    index.parse::<usize>().is_ok_and(|index| operation["parameters"][index]["in"] == "header")
                }
                _ => false,
            },
        }
    }
}

/// Runs Spectral and returns its findings.
fn findings() -> Vec<Value> {
    // The rules are a package. Spectral looks for it beside the file that names it.
    let dir = tempfile::tempdir().expect("there is room for a file");
    let rules = dir.path().join("owasp.yaml");
    std::fs::copy(file("owasp.yaml"), &rules).expect("there is room for a file");
    symlink(node_modules(), dir.path().join("node_modules")).expect("a link can be made");
    let mut lint = node(&node_modules().join("@stoplight/spectral-cli/dist/index.js"));
    lint.args(["lint", "--quiet", "--format", "json", "--fail-severity", "hint", "--ruleset"]);
    let output = lint.arg(&rules).arg(document_path()).stdin(Stdio::null()).output().expect("Node runs");
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("expected findings: {}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn the_document_passes_the_rules_of_owasp() {
    let document = std::fs::read(document_path()).expect("the document can be read");
    let document: Value = serde_json::from_slice(&document).expect("the document is JSON");
    let mut used = vec![false; EXPLAINED.len()];
    let mut unexplained = Vec::new();
    for finding in findings() {
        let text = |member: &Value| match member {
            Value::String(text) => text.clone(),
            member => member.to_string(),
        };
        let path: Vec<String> = finding["path"].as_array().into_iter().flatten().map(text).collect();
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let explains =
            |(rule, place, _): &(&str, Place, &str)| finding["code"] == *rule && place.has(&path, &document);
        match EXPLAINED.iter().position(explains) {
            Some(index) => used[index] = true,
            None => {
                unexplained.push(format!("{} at {}: {}", finding["code"], path.join(" "), finding["message"]))
            }
        }
    }
    assert!(unexplained.is_empty(), "expected no finding:\n{}", unexplained.join("\n"));
    let stale: Vec<_> = EXPLAINED.iter().zip(used).filter(|(_, used)| !used).map(|(it, _)| it).collect();
    assert!(stale.is_empty(), "expected every explanation to be needed: {stale:#?}");
}
