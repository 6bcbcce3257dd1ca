//! The variables that say whom the service answers.

use users_tests::{Service, assert_problem};

/// A path of each component.
const PATHS: [&str; 7] = [
    "/style.css",
    "/auth/me",
    "/users/",
    "/rbac/roles",
    "/profile/",
    "/account/console.css",
    "/docs/init.js",
];

#[tokio::test]
async fn a_value_that_cannot_be_used_is_500_everywhere_and_named_in_the_log() {
    for (name, value) in [
        ("trusted_proxies", "ingress-nginx"),
        ("proxy_header", "x-real-ip"),
        ("blocked_addresses", "10.0.0.1/8"),
        ("cors_origins", "https://app.example.com/"),
    ] {
        let service = Service::builder().variable(name, value).start().await;
        for path in PATHS {
            let id = format!("of{}", path.replace('/', "."));
            let answer = service.get(path).id(&id).send().await;
            assert_problem(&answer, 500, "internal_error");
            assert!(!answer.body.contains(name), "expected nothing about the cause: {answer:#?}");
            let log = service.logs().of_request(&id).await;
            let named = format!("the variable {name} ");
            assert!(log.causes().iter().any(|cause| cause.contains(&named)), "{path}: {log:#?}");
        }
    }
}

#[tokio::test]
async fn a_wrong_list_for_administrators_stops_only_the_components_that_have_routes_for_them() {
    let service = Service::builder().variable("admin_addresses", "office").start().await;
    for path in ["/users/", "/rbac/roles"] {
        let id = path.replace('/', ".");
        assert_problem(&service.get(path).id(&id).send().await, 500, "internal_error");
        let log = service.logs().of_request(&id).await;
        assert!(log.causes().iter().any(|cause| cause.contains("the variable admin_addresses ")), "{log:#?}");
    }
    for (path, status) in [("/healthz", 200), ("/auth/me", 401), ("/profile/", 401)] {
        service.get(path).send().await.expect(status);
    }
}
