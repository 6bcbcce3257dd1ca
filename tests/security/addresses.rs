//! Addresses: who the client is, and from where the service may be used.

use serde_json::json;
use users_tests::{Account, Answer, PASSWORD, Request, Service, assert_problem, operations};

/// The address that a client claims.
const CLAIMED: &str = "198.51.100.9";

/// Every header in which some proxy or content delivery network names the client, with the form of its value.
const NAMES: [(&str, &str); 24] = [
    ("x-forwarded-for", CLAIMED),
    ("forwarded", "for=198.51.100.9"),
    ("x-real-ip", CLAIMED),
    ("x-client-ip", CLAIMED),
    ("client-ip", CLAIMED),
    ("true-client-ip", CLAIMED),
    ("cf-connecting-ip", CLAIMED),
    ("cf-connecting-ipv6", "2001:db8::9"),
    ("cf-pseudo-ipv4", CLAIMED),
    ("fastly-client-ip", CLAIMED),
    ("fly-client-ip", CLAIMED),
    ("do-connecting-ip", CLAIMED),
    ("x-appengine-user-ip", CLAIMED),
    ("x-azure-clientip", CLAIMED),
    ("x-azure-socketip", CLAIMED),
    ("x-cluster-client-ip", CLAIMED),
    ("x-envoy-external-address", CLAIMED),
    ("x-forwarded", "for=198.51.100.9"),
    ("forwarded-for", CLAIMED),
    ("x-original-forwarded-for", CLAIMED),
    ("x-originating-ip", CLAIMED),
    ("x-remote-addr", CLAIMED),
    ("spin-client-addr", "198.51.100.9:443"),
    ("x-client-addr", "198.51.100.9:443"),
];

/// Logs in with these headers, and returns the address that the session has.
async fn address_of_login(service: &Service, headers: &[(&str, &str)]) -> String {
    service.sql("DELETE FROM sessions").await;
    let mut request = service.post("/auth/login");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.form(&[("username", "alice@example.com"), ("password", PASSWORD)]).send().await.expect(200);
    service.sql("SELECT address FROM sessions").await.concat()
}

/// The number of statements that a request ran.
async fn statements(service: &Service, id: &str) -> usize {
    service.logs().of_request(id).await.statements().len()
}

#[tokio::test]
async fn no_header_of_a_client_that_is_no_trusted_proxy_changes_who_it_is() {
    for header in ["x-forwarded-for", "forwarded"] {
        let service = Service::builder()
            .variable("trusted_proxies", "10.0.0.0/8,127.0.0.2")
            .variable("proxy_header", header)
            .variable("blocked_addresses", "198.51.100.0/24,2001:db8::/32")
            .variable("admin_addresses", "198.51.100.0/24,2001:db8::/32")
            .start()
            .await;
        let admin = service.administrator("alice@example.com").await;
        for (name, value) in NAMES {
            // The claimed address neither refuses nor admits the request.
            service.get("/healthz").header(name, value).send().await.expect(200);
            let answer = service.get("/users/").bearer(&admin.tokens.access).header(name, value).send().await;
            assert_problem(&answer, 403, "address_refused");
            assert_eq!(address_of_login(&service, &[(name, value)]).await, "127.0.0.1", "{name}");
        }
        assert_eq!(address_of_login(&service, &NAMES).await, "127.0.0.1", "all of them");
    }
}

#[tokio::test]
async fn behind_a_trusted_proxy_only_the_header_that_is_set_names_the_client() {
    for (header, value) in
        [("x-forwarded-for", "192.0.2.66, 203.0.113.7"), ("forwarded", "for=192.0.2.66, for=203.0.113.7")]
    {
        let service = Service::builder()
            .variable("trusted_proxies", "127.0.0.1")
            .variable("proxy_header", header)
            .start()
            .await;
        service.account("alice@example.com").await;
        let others = || NAMES.into_iter().filter(|(name, _)| *name != header);
        for (name, value) in others() {
            assert_eq!(address_of_login(&service, &[(name, value)]).await, "127.0.0.1", "{name}");
        }
        assert_eq!(address_of_login(&service, &[(header, value)]).await, "203.0.113.7");
        let all: Vec<_> = others().chain([(header, value)]).collect();
        assert_eq!(address_of_login(&service, &all).await, "203.0.113.7");
        // The proxy wrote the last line, whatever the client sent before.
        for forged in ["127.0.0.1", "garbage", "for=\"", "for=127.0.0.1;by=\"", ""] {
            assert_eq!(
                address_of_login(&service, &[(header, forged), (header, value)]).await,
                "203.0.113.7",
                "{forged}"
            );
        }
    }
}

#[tokio::test]
async fn a_session_shows_the_client_behind_the_proxy() {
    let service = Service::builder().variable("trusted_proxies", "127.0.0.0/8, 10.0.0.0/8").start().await;
    let alice = service.account("alice@example.com").await;
    for (header, expected) in [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7:52100, 10.0.0.2", "203.0.113.7"),
        ("[2001:db8::7]:443", "2001:db8::7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("unknown", "127.0.0.1"),
    ] {
        let request = service.post("/auth/login").header("x-forwarded-for", header);
        request.form(&[("username", "alice@example.com"), ("password", PASSWORD)]).send().await.expect(200);
        let sessions =
            service.get("/auth/sessions").bearer(&alice.tokens.access).send().await.expect(200).json();
        assert_eq!(sessions[0]["address"], expected, "{header}");
    }
}

#[tokio::test]
async fn a_blocked_address_is_refused_on_every_route_before_a_statement() {
    let service = Service::builder()
        .variable("trusted_proxies", "127.0.0.1")
        .variable("blocked_addresses", "198.51.100.0/24, 2001:db8::/32")
        .start()
        .await;
    let alice = service.account("alice@example.com").await;
    let from = |request: Request, address: &str| {
        request.bearer(&alice.tokens.access).header("x-forwarded-for", address)
    };
    for address in [CLAIMED, "2001:db8::9", "::ffff:198.51.100.9"] {
        for (place, (method, path)) in [
            ("GET", "/healthz"),
            ("GET", "/readyz"),
            ("GET", "/auth/me"),
            ("POST", "/auth/login"),
            ("GET", "/users/"),
            ("GET", "/profile/"),
            ("GET", "/rbac/my-permissions"),
            ("GET", "/account/console.css"),
            ("GET", "/docs/init.js"),
            ("GET", "/nope"),
            ("PATCH", "/auth/me"),
            ("OPTIONS", "/auth/me"),
        ]
        .into_iter()
        .enumerate()
        {
            let id = format!("{}.{place}", address.replace(':', "-"));
            let answer = from(service.request(method, path), address).id(&id).send().await;
            assert_problem(&answer, 403, "address_refused");
            assert_eq!(statements(&service, &id).await, 0, "{method} {path}");
        }
    }
    // A body is read, and refused without being looked at.
    let large = service.post("/auth/register").body("application/json", vec![b' '; 65_537]);
    assert_problem(&from(large, CLAIMED).send().await, 403, "address_refused");
    from(service.get("/auth/me"), "198.51.101.9").send().await.expect(200);
}

#[tokio::test]
async fn a_peer_is_blocked_by_its_own_address() {
    let service = Service::builder().variable("blocked_addresses", "127.0.0.2").start().await;
    service.get("/healthz").header("x-forwarded-for", "127.0.0.2").send().await.expect(200);
    let service = service.from_address([127, 0, 0, 2]);
    assert_problem(&service.get("/healthz").send().await, 403, "address_refused");
    assert_problem(
        &service.get("/healthz").header("x-forwarded-for", "127.0.0.1").send().await,
        403,
        "address_refused",
    );
}

/// A service whose administrators may use it from one network only.
async fn limited() -> (Service, Account, Account) {
    let service = Service::builder()
        .variable("trusted_proxies", "127.0.0.1")
        .variable("admin_addresses", "203.0.113.0/24, 2001:db8:7::/48")
        .start()
        .await;
    let admin = service.administrator("admin@example.com").await;
    let plain = service.account("plain@example.com").await;
    (service, admin, plain)
}

#[tokio::test]
async fn administrators_are_refused_from_elsewhere_before_a_statement() {
    let (service, admin, plain) = limited().await;
    let list = async |account: &Account, address: &str, id: &str| -> Answer {
        let request = service.get("/users/").bearer(&account.tokens.access).id(id);
        request.header("x-forwarded-for", address).send().await
    };
    for address in ["203.0.113.7", "2001:db8:7::1", "198.51.100.9, 203.0.113.7"] {
        list(&admin, address, "admitted").await.expect(200);
        assert_problem(&list(&plain, address, "plain").await, 403, "admin_required");
    }
    for (place, address) in
        ["198.51.100.9", "203.0.113.7, 198.51.100.9", "2001:db8:8::1", "unknown"].into_iter().enumerate()
    {
        for (kind, account) in [("admin", &admin), ("plain", &plain)] {
            let id = format!("{kind}.{place}");
            assert_problem(&list(account, address, &id).await, 403, "address_refused");
            assert_eq!(statements(&service, &id).await, 0, "{address}");
        }
    }
}

#[tokio::test]
async fn every_route_for_administrators_is_limited_and_no_other() {
    let (service, admin, _) = limited().await;
    let is_administration = |path: &str| path.starts_with("/users") || path.starts_with("/rbac");
    for operation in operations(|it| it.is_guarded) {
        let own = ["/rbac/my-permissions", "/rbac/check-permission"].contains(&operation.path.as_str());
        let request = service.request(&operation.method, &operation.path_with(|_| "7".to_owned()));
        let answer = request
            .bearer(&admin.tokens.access)
            .header("x-forwarded-for", CLAIMED)
            .json(&json!({}))
            .send()
            .await;
        let is_refused = answer.status == 403 && answer.json()["code"] == "address_refused";
        assert_eq!(is_refused, is_administration(&operation.path) && !own, "{answer:#?}");
    }
}
