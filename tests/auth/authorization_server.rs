//! `GET /.well-known/oauth-authorization-server`

use serde_json::json;
use users_tests::{Service, assert_common_headers, assert_problem, token};

const PATH: &str = "/.well-known/oauth-authorization-server";

#[tokio::test]
async fn the_metadata_name_the_issuer_of_tokens_and_every_endpoint() {
    let service = Service::builder().at_its_public_url().start().await;
    let url = format!("http://{}", service.address());
    let answer = service.get(PATH).send().await.expect(200);
    assert_common_headers(&answer);
    assert_eq!(answer.header("content-type").as_deref(), Some("application/json"));
    assert_eq!(answer.header("cache-control").as_deref(), Some("max-age=300"));
    let expected = json!({
        "issuer": url,
        "token_endpoint": format!("{url}/auth/login"),
        "token_endpoint_auth_methods_supported": ["none"],
        "grant_types_supported": ["password"],
        "response_types_supported": ["none"],
        "jwks_uri": format!("{url}/.well-known/jwks.json"),
        "introspection_endpoint": format!("{url}/auth/introspect"),
        "introspection_endpoint_auth_methods_supported": ["Bearer"],
        "revocation_endpoint": format!("{url}/auth/revoke"),
        "revocation_endpoint_auth_methods_supported": ["none"],
        "refresh_endpoint": format!("{url}/auth/refresh"),
        "acr_values_supported": ["1", "2"],
        "service_documentation": format!("{url}/docs"),
    });
    assert_eq!(answer.json(), expected);
    let account = service.account("alice@example.com").await;
    assert_eq!(token::claims(&account.tokens.access)["iss"], url.as_str());
}

#[tokio::test]
async fn every_endpoint_of_the_metadata_serves_what_they_say() {
    let service = Service::builder().at_its_public_url().start().await;
    let account = service.account("alice@example.com").await;
    let metadata = service.get(PATH).send().await.expect(200).json();
    let path = |name: &str| {
        let url = metadata[name].as_str().unwrap_or_else(|| panic!("expected {name}: {metadata:#}"));
        url.strip_prefix(&format!("http://{}", service.address())).expect("it is on this service").to_owned()
    };
    let login = [
        ("grant_type", "password"),
        ("username", account.email.as_str()),
        ("password", users_tests::PASSWORD),
    ];
    service.post(&path("token_endpoint")).form(&login).send().await.expect(200);
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", account.tokens.refresh.as_str())];
    service.post(&path("refresh_endpoint")).form(&refresh).send().await.expect(200);
    service.get(&path("jwks_uri")).send().await.expect(200);
    let form = [("token", account.tokens.access.as_str())];
    let introspection = service.post(&path("introspection_endpoint")).form(&form);
    assert_problem(&introspection.bearer(&account.tokens.access).send().await, 403, "permission_denied");
    service.post(&path("revocation_endpoint")).form(&form).send().await.expect(200);
    assert_problem(&service.me(&account.tokens.access).await, 401, "invalid_token");
    let page = service.get(&path("service_documentation")).send().await.expect(200);
    assert!(page.header("content-type").is_some_and(|it| it.starts_with("text/html")));
}

#[tokio::test]
async fn an_issuer_of_its_own_and_a_slash_at_the_end_of_the_url_are_told_apart() {
    let builder =
        Service::builder().variable("public_url", "https://users.example.com/").variable("jwt_issuer", "");
    let metadata = builder.start().await.get(PATH).send().await.expect(200).json();
    assert_eq!(metadata["issuer"], "https://users.example.com");
    assert_eq!(metadata["jwks_uri"], "https://users.example.com/.well-known/jwks.json");
    let builder = Service::builder().variable("public_url", "https://users.example.com");
    let service = builder.variable("jwt_issuer", "https://id.example.com").start().await;
    let metadata = service.get(PATH).send().await.expect(200).json();
    assert_eq!(metadata["issuer"], "https://id.example.com");
    assert_eq!(metadata["token_endpoint"], "https://users.example.com/auth/login");
    let account = service.account("alice@example.com").await;
    assert_eq!(token::claims(&account.tokens.access)["iss"], "https://id.example.com");
}

#[tokio::test]
async fn the_metadata_need_no_database_and_no_statement() {
    let service = Service::builder().without_postgres().start().await;
    service.get(PATH).send().await.expect(200);
    // The path of an issuer with a path is one that the proxy maps.
    for path in ["/.well-known", "/.well-known/openid-configuration", &format!("{PATH}/users")] {
        assert_problem(&service.get(path).send().await, 404, "not_found");
    }
}
