//! Versions of an account, for administrators who are careful: `ETag`, `If-None-Match` and `If-Match`.

use users_tests::{Answer, Barrier, Request, assert_no_store, assert_problem, assert_user, etag};

use crate::support::{Office, everything};

/// The changes that may be asked for one version alone, in an order in which each changes something.
const CHANGES: [&str; 4] = ["deactivate", "activate", "make-admin", "remove-admin"];

impl Office {
    fn put_if(&self, path: &str, tag: &str) -> Request {
        self.service.put(path).bearer(&self.root.tokens.access).header("if-match", tag)
    }

    async fn get_unless(&self, path: &str, tag: &str) -> Answer {
        self.service.get(path).bearer(&self.root.tokens.access).header("if-none-match", tag).send().await
    }

    /// An account that is logged in, its path and its version.
    async fn alice(&self) -> (String, String) {
        let alice = self.service.account("alice@example.com").await;
        let path = format!("/users/{}", alice.id);
        let tag = etag(&self.get(&path).await.expect(200));
        (path, tag)
    }
}

#[tokio::test]
async fn what_the_client_has_is_not_sent_again() {
    let office = Office::open().await;
    let (path, tag) = office.alice().await;
    assert_eq!(etag(&office.get(&path).await.expect(200)), tag, "expected a version to last");
    for known in [&tag, &format!("W/{tag}"), &format!("\"x\", {tag}"), &"*".to_owned()] {
        let answer = office.get_unless(&path, known).await.expect(304);
        assert_eq!((answer.body.as_str(), etag(&answer)), ("", tag.clone()), "{answer:#?}");
        assert_eq!(answer.header("content-type"), None, "{answer:#?}");
        assert_no_store(&answer);
    }
    for unknown in ["\"x\"", "\"\"", "x"] {
        let answer = office.get_unless(&path, unknown).await.expect(200);
        assert_user(&answer.json());
        assert_eq!(etag(&answer), tag);
    }
    office.put(&format!("{path}/make-admin")).await.expect(200);
    assert_ne!(etag(&office.get_unless(&path, &tag).await.expect(200)), tag);
}

#[tokio::test]
async fn a_change_is_made_to_the_version_that_the_client_has_read() {
    let office = Office::open().await;
    let (path, mut tag) = office.alice().await;
    for change in CHANGES {
        let expected = format!("\"x\", {tag}");
        let changed = office.put_if(&format!("{path}/{change}"), &expected).send().await.expect(200);
        assert_user(&changed.json());
        assert_ne!(etag(&changed), tag, "expected {change} to make another version");
        let read = office.get(&path).await.expect(200);
        assert_eq!((etag(&read), read.json()), (etag(&changed), changed.json()), "{change}");
        let again = office.put_if(&format!("{path}/{change}"), "*").send().await.expect(200);
        assert_eq!(etag(&again), etag(&changed), "expected nothing to change");
        tag = etag(&changed);
    }
}

#[tokio::test]
async fn a_change_of_another_version_is_refused_and_nothing_changes() {
    let office = Office::open().await;
    let (path, stale) = office.alice().await;
    office.put(&format!("{path}/make-admin")).await.expect(200);
    let tag = etag(&office.get(&path).await.expect(200));
    let before = everything(&office.service).await;
    for change in CHANGES {
        for other in [&stale, &format!("W/{tag}"), &tag.replace('"', ""), &"\"\"".to_owned()] {
            let id = format!("{change}-{}", other.len());
            let refused = office.put_if(&format!("{path}/{change}"), other).id(&id).send().await;
            assert_problem(&refused, 412, "precondition_failed");
            let log = office.service.logs().of_request(&id).await;
            assert_eq!(log.statements().len(), 2, "expected two statements: {log:#?}");
        }
    }
    assert_eq!(everything(&office.service).await, before);
}

#[tokio::test]
async fn an_account_is_deleted_as_the_client_has_read_it() {
    let office = Office::open().await;
    let (path, stale) = office.alice().await;
    let tag = etag(&office.put(&format!("{path}/make-admin")).await.expect(200));
    let before = everything(&office.service).await;
    let delete = |tag: &str| {
        office.service.delete(&path).bearer(&office.root.tokens.access).header("if-match", tag).send()
    };
    for other in [&stale, &format!("W/{tag}")] {
        assert_problem(&delete(other).await, 412, "precondition_failed");
    }
    assert_eq!(everything(&office.service).await, before);
    delete(&tag).await.expect(204);
    assert_problem(&delete(&tag).await, 404, "not_found");
}

/// RFC 9110 section 13.2.1: what would be refused anyway is refused for that.
#[tokio::test]
async fn what_may_not_be_done_at_all_is_no_question_of_versions() {
    let office = Office::open().await;
    let (path, _) = office.alice().await;
    let own = format!("/users/{}", office.root.id);
    let permission = "INSERT INTO permissions (name, resource, action) VALUES ('all', 'admin', 'all');
                      INSERT INTO roles (name) VALUES ('boss'); INSERT INTO role_permissions VALUES (1, 1);";
    office.sql(permission).await;
    for change in CHANGES {
        let missing = office.put_if(&format!("/users/999999/{change}"), "\"x\"").send().await;
        assert_problem(&missing, 404, "not_found");
    }
    for change in ["deactivate", "remove-admin"] {
        let refused = office.put_if(&format!("{own}/{change}"), "\"x\"").send().await;
        assert_problem(&refused, 409, "cannot_target_self");
    }
    let anonymous = office.service.put(&format!("{path}/activate")).header("if-match", "\"x\"").send().await;
    assert_problem(&anonymous, 401, "not_authenticated");
}

/// Whatever the clock says: Postgres may come back on a machine whose clock is behind.
#[tokio::test]
async fn versions_only_move_forward() {
    let office = Office::open().await;
    let (path, _) = office.alice().await;
    office
        .sql("UPDATE users SET updated_at = now() + interval '1 day' WHERE email = 'alice@example.com'")
        .await;
    let mut seen = vec![etag(&office.get(&path).await.expect(200))];
    for change in CHANGES {
        let changed = office.put(&format!("{path}/{change}")).await.expect(200);
        assert!(!seen.contains(&etag(&changed)), "expected another version after {change}: {seen:?}");
        seen.push(etag(&changed));
    }
}

#[tokio::test]
async fn of_two_changes_of_the_same_version_one_is_made() {
    for (one, other) in [("deactivate", "make-admin"), ("make-admin", "deactivate")] {
        let office = Office::with_many_instances().await;
        let (path, tag) = office.alice().await;
        let barrier = Barrier::before(&office.service, "UPDATE ON users").await;
        let first = office.put_if(&format!("{path}/{one}"), &tag).send();
        let second = office.put_if(&format!("{path}/{other}"), &tag).send();
        let (first, second) = barrier.meet(first, second).await;
        assert_problem(&second, 412, "precondition_failed");
        let changed = first.expect(200);
        let read = office.get(&path).await.expect(200);
        assert_eq!((read.json(), etag(&read)), (changed.json(), etag(&changed)), "{one} and {other}");
    }
}
