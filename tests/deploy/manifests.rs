//! The rules that `cargo xtask k8s validate` holds the manifests to find what is wrong with them.

use users_manifests::{Manifests, SpinManifest, faults};
use users_tests::environment;

use crate::stage::{rendered, text_of};

fn spin() -> SpinManifest {
    let text = std::fs::read_to_string(&environment().manifest).expect("spin.toml can be read");
    SpinManifest::parse(&text).expect("spin.toml is a manifest")
}

/// What is said of an overlay in which `from` is `to`.
fn said_of(overlay: &str, from: &str, to: &str) -> Vec<String> {
    let text = text_of(overlay);
    assert!(text.contains(from), "expected {overlay} to hold {from:?}");
    let manifests = Manifests::parse(&text.replacen(from, to, 1)).expect("it is still YAML");
    faults(&manifests, &rendered("base"), &spin())
}

#[test]
fn every_overlay_holds() {
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
fn each_component_is_a_spin_app_of_its_own_when_split() {
    let split = rendered("split");
    let first = |app: &users_manifests::Object| {
        app.get("/spec/components/0").and_then(|it| it.as_str()).map(str::to_owned)
    };
    let mut first: Vec<String> = split.of_kind("SpinApp").filter_map(first).collect();
    first.sort();
    assert_eq!(first, ["auth", "docs", "profile", "rbac", "system", "users"]);
}

#[test]
fn a_wrong_variable_name_is_found() {
    let said = said_of("prod", "- name: jwt_issuer\n", "- name: jwt_isuer\n");
    assert_eq!(
        said,
        [
            "SpinApp/users-api: spin.toml has no variable jwt_isuer: correct the name",
            "SpinApp/users-api: the variable jwt_issuer is missing: add it"
        ]
    );
}

#[test]
fn what_is_wrong_is_found() {
    for (overlay, from, to, expected) in [
        // Variables and components.
        ("prod", "- name: log_queries\n", "- name: db_host\n", "the variable db_host is there twice"),
        ("split", "  - docs\n", "  - dox\n", "spin.toml has no component dox"),
        ("split", "  - docs\n", "  - policy\n", "no route leads to the component policy"),
        ("split", "  - docs\n", "  - system\n", "no SpinApp runs the component docs"),
        (
            "split",
            "  - name: jwt_secret\n    value: unused\n",
            "",
            "SpinApp/users-system: the variable jwt_secret is missing",
        ),
        ("split", "    value: unused\n", "    value: hunter2\n", "does not come from a Secret"),
        // Images.
        ("prod", "/users-api:0.1.0", "/users-api:latest", "names no release"),
        ("prod", "/users-api:0.1.0", "/users-api", "names no release"),
        ("prod", "name: users-migrate-0-1-0", "name: users-migrate", "a Job cannot be changed"),
        // Secrets.
        ("base", "jwt_secret: placeholder", "jwt_secret: c2VjcmV0", "jwt_secret is no placeholder"),
        (
            "prod",
            "  db_sslmode: disable\n",
            "  db_sslmode: disable\n  db_password: hunter2\n",
            "belongs into a Secret",
        ),
        ("prod", "key: jwt_secret\n", "key: jwt_secrets\n", "users-secrets (key jwt_secrets)"),
        (
            "prod",
            "key: jwt_secret_previous\n",
            "key: jwt_secret_last\n",
            "users-secrets (key jwt_secret_last, optional)",
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
            "of a later sync-wave",
        ),
        // Limits.
        ("prod", "      memory: 1536Mi\n", "", "SpinApp/users-api has no resources.limits.memory"),
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
        // Routes.
        ("split", "path: /rbac\n", "path: /roles\n", "/rbac leads to SpinApp/users-system"),
        (
            "split",
            "            name: users-auth\n",
            "            name: users-out\n",
            "the Service users-out, which is not there",
        ),
        (
            "split",
            "        path: /docs\n",
            "        path: /healthz\n",
            "asks for /healthz, which it does not answer",
        ),
        // The network.
        (
            "prod",
            "  podLabels:\n    app.kubernetes.io/name: users-api\n",
            "  podLabels:\n    app.kubernetes.io/name: api\n",
            "no NetworkPolicy says what",
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
        ("prod", "enableAutoscaling: true", "replicas: 3", "does not let its autoscaler"),
        (
            "prod",
            "    kind: Deployment\n    name: users-api",
            "    kind: Deployment\n    name: users",
            "no autoscaler is for",
        ),
    ] {
        let said = said_of(overlay, from, to);
        assert!(
            said.iter().any(|it| it.contains(expected)),
            "{overlay}: {from:?} → {to:?}: expected {expected:?}: {said:#?}"
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
            "SpinApp/users-api comes before its SpinAppExecutor, and would be refused: set sortOptions.order to fifo"
        ]
    );
}
