//! Versions of an account: `ETag`, `If-None-Match` and `If-Match`.

use users_tests::{Answer, Barrier, Request, assert_no_store, assert_problem, assert_user, etag};

use crate::support::{Fixture, everything};

/// The changes with a precondition. In this order, each change has an effect.
const CHANGES: [&str; 4] = ["deactivate", "activate", "make-admin", "remove-admin"];

impl Fixture {
    fn put_if(&self, path: &str, tag: &str) -> Request {
        self.service.put(path).bearer(&self.root.tokens.access).header("if-match", tag)
    }

    async fn get_unless(&self, path: &str, tag: &str) -> Answer {
        self.service.get(path).bearer(&self.root.tokens.access).header("if-none-match", tag).send().await
    }

    /// Adds an account. Returns its path and its version.
    async fn alice(&self) -> (String, String) {
        let alice = self.service.account("alice@example.com").await;
        let path = format!("/users/{}", alice.id);
        let tag = etag(&self.get(&path).await.expect(200));
        (path, tag)
    }
}

#[tokio::test]
async fn a_known_version_is_304() {
    let fixture = Fixture::start().await;
    let (path, tag) = fixture.alice().await;
    assert_eq!(etag(&fixture.get(&path).await.expect(200)), tag, "expected a version to last");
    for known in [&tag, &format!("W/{tag}"), &format!("\"x\", {tag}"), &"*".to_owned()] {
        let answer = fixture.get_unless(&path, known).await.expect(304);
        assert_eq!((answer.body.as_str(), etag(&answer)), ("", tag.clone()), "{answer:#?}");
        assert_eq!(answer.header("content-type"), None, "{answer:#?}");
        assert_no_store(&answer);
    }
    for unknown in ["\"x\"", "\"\"", "x"] {
        let answer = fixture.get_unless(&path, unknown).await.expect(200);
        assert_user(&answer.json());
        assert_eq!(etag(&answer), tag);
    }
    fixture.put(&format!("{path}/make-admin")).await.expect(200);
    assert_ne!(etag(&fixture.get_unless(&path, &tag).await.expect(200)), tag);
}

#[tokio::test]
async fn a_change_of_the_current_version_succeeds() {
    let fixture = Fixture::start().await;
    let (path, mut tag) = fixture.alice().await;
    for change in CHANGES {
        let expected = format!("\"x\", {tag}");
        let changed = fixture.put_if(&format!("{path}/{change}"), &expected).send().await.expect(200);
        assert_user(&changed.json());
        assert_ne!(etag(&changed), tag, "expected {change} to make another version");
        let read = fixture.get(&path).await.expect(200);
        assert_eq!((etag(&read), read.json()), (etag(&changed), changed.json()), "{change}");
        let again = fixture.put_if(&format!("{path}/{change}"), "*").send().await.expect(200);
        assert_eq!(etag(&again), etag(&changed), "expected nothing to change");
        tag = etag(&changed);
    }
}

#[tokio::test]
async fn a_change_of_another_version_is_refused_and_nothing_changes() {
    let fixture = Fixture::start().await;
    let (path, stale) = fixture.alice().await;
    fixture.put(&format!("{path}/make-admin")).await.expect(200);
    let tag = etag(&fixture.get(&path).await.expect(200));
    let before = everything(&fixture.service).await;
    for change in CHANGES {
        for other in [&stale, &format!("W/{tag}"), &tag.replace('"', ""), &"\"\"".to_owned()] {
            let id = format!("{change}-{}", other.len());
            let refused = fixture.put_if(&format!("{path}/{change}"), other).id(&id).send().await;
            assert_problem(&refused, 412, "precondition_failed");
            let log = fixture.service.logs().of_request(&id).await;
            assert_eq!(log.statements().len(), 2, "expected two statements: {log:#?}");
        }
    }
    assert_eq!(everything(&fixture.service).await, before);
}

#[tokio::test]
async fn only_the_current_version_of_an_account_is_deleted() {
    let fixture = Fixture::start().await;
    let (path, stale) = fixture.alice().await;
    let tag = etag(&fixture.put(&format!("{path}/make-admin")).await.expect(200));
    let before = everything(&fixture.service).await;
    let delete = |tag: &str| {
        fixture.service.delete(&path).bearer(&fixture.root.tokens.access).header("if-match", tag).send()
    };
    for other in [&stale, &format!("W/{tag}")] {
        assert_problem(&delete(other).await, 412, "precondition_failed");
    }
    assert_eq!(everything(&fixture.service).await, before);
    delete(&tag).await.expect(204);
    assert_problem(&delete(&tag).await, 404, "not_found");
}

/// RFC 9110 section 13.2.1.
#[tokio::test]
async fn other_refusals_precede_the_version_check() {
    let fixture = Fixture::start().await;
    let (path, _) = fixture.alice().await;
    let own = format!("/users/{}", fixture.root.id);
    let permission = "INSERT INTO permissions (name, resource, action) VALUES ('all', 'admin', 'all');
                      INSERT INTO roles (name) VALUES ('boss'); INSERT INTO role_permissions VALUES (1, 1);";
    fixture.sql(permission).await;
    for change in CHANGES {
        let missing = fixture.put_if(&format!("/users/999999/{change}"), "\"x\"").send().await;
        assert_problem(&missing, 404, "not_found");
    }
    for change in ["deactivate", "remove-admin"] {
        let refused = fixture.put_if(&format!("{own}/{change}"), "\"x\"").send().await;
        assert_problem(&refused, 409, "cannot_target_self");
    }
    let anonymous = fixture.service.put(&format!("{path}/activate")).header("if-match", "\"x\"").send().await;
    assert_problem(&anonymous, 401, "not_authenticated");
}

/// Postgres may restart on a machine whose clock is behind.
#[tokio::test]
async fn versions_only_move_forward() {
    let fixture = Fixture::start().await;
    let (path, _) = fixture.alice().await;
    fixture
        .sql("UPDATE users SET updated_at = now() + interval '1 day' WHERE email = 'alice@example.com'")
        .await;
    let mut seen = vec![etag(&fixture.get(&path).await.expect(200))];
    for change in CHANGES {
        let changed = fixture.put(&format!("{path}/{change}")).await.expect(200);
        assert!(!seen.contains(&etag(&changed)), "expected another version after {change}: {seen:?}");
        seen.push(etag(&changed));
    }
}

#[tokio::test]
async fn only_one_of_two_concurrent_changes_of_a_version_succeeds() {
    for (one, other) in [("deactivate", "make-admin"), ("make-admin", "deactivate")] {
        let fixture = Fixture::with_many_instances().await;
        let (path, tag) = fixture.alice().await;
        let barrier = Barrier::before(&fixture.service, "UPDATE ON users").await;
        let first = fixture.put_if(&format!("{path}/{one}"), &tag).send();
        let second = fixture.put_if(&format!("{path}/{other}"), &tag).send();
        let (first, second) = barrier.overlap(first, second).await;
        assert_problem(&second, 412, "precondition_failed");
        let changed = first.expect(200);
        let read = fixture.get(&path).await.expect(200);
        assert_eq!((read.json(), etag(&read)), (changed.json(), etag(&changed)), "{one} and {other}");
    }
}
