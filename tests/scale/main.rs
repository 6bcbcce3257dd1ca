//! What the database has to do for a page, with a million accounts and 50,000 grants.

mod plan;

use plan::Plan;
use users_tests::{Account, PASSWORD, Service};

/// How long a statement may take, planning included, in milliseconds.
const LIMIT: f64 = 15.0;
/// The last page of 50 that is full.
const PAGE_20_000: i32 = 999_950;

/// A service with a million accounts of `usersctl seed`, and an administrator who has roles as well.
struct Crowd {
    service: Service,
    administrator: Account,
}

impl Crowd {
    async fn gather() -> Self {
        let service = Service::start().await;
        let seed = ["seed", "--users", "1000000", "--grants", "50000"];
        println!("{}", service.database().usersctl(&seed));
        let administrator = service.account("administrator@example.com").await;
        service
            .sql(&format!(
                "UPDATE users SET is_admin = true WHERE id = {id};
                 INSERT INTO user_roles SELECT {id}, id FROM roles ORDER BY id LIMIT 10",
                id = administrator.id
            ))
            .await;
        Self { service, administrator }
    }

    /// The statements that a request of the administrator runs.
    async fn statements(&self, path: &str) -> Vec<String> {
        let id = path.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        self.service.get(path).bearer(&self.administrator.tokens.access).id(&id).send().await.expect(200);
        self.service.logs().of_request(&id).await.statements().into_iter().map(str::to_owned).collect()
    }

    /// The plan of a statement with its arguments, which are those that the component passes.
    async fn plan(&self, statement: &str, arguments: &str) -> Plan {
        let plan = Plan::of(&self.service.db().await, statement, arguments).await;
        println!("{:>7.2} ms, {:>6} blocks: {arguments}", plan.milliseconds, plan.blocks);
        plan
    }

    /// The statement runs within the limit and reads no table of a million rows from end to end.
    async fn assert_quick(&self, statement: &str, arguments: &str) -> Plan {
        let plan = self.plan(statement, arguments).await;
        assert!(plan.milliseconds < LIMIT, "expected less than {LIMIT} ms for {arguments}: {plan:#?}");
        for table in ["users", "user_roles", "sessions"] {
            assert!(!plan.scanned.contains(table), "expected no scan of {table} for {arguments}: {plan:#?}");
        }
        plan
    }
}

#[tokio::test]
async fn a_million_accounts_cost_no_more_than_a_few_milliseconds_a_page() {
    let crowd = Crowd::gather().await;
    searches_use_the_trigram_index(&crowd).await;
    pages_by_key_cost_the_same_everywhere(&crowd).await;
    rights_are_read_by_index(&crowd).await;
    a_change_of_administrators_is_quick(&crowd).await;
    a_login_is_found_by_index(&crowd).await;
}

/// Texts of every frequency: none, one, a handful, thousands, and in every account.
async fn searches_use_the_trigram_index(crowd: &Crowd) {
    let statements = crowd.statements("/users/?search=okafor&limit=50").await;
    let [_, search] = statements.as_slice() else { panic!("expected two statements: {statements:#?}") };
    for text in [
        "zzz",
        "zzzzzz",
        "dayan.bravic3975@lagoon.example",
        "Dayan Bravic",
        "garstrom",
        "99@",
        "ardin.sorshaw1550",
        "sorshaw15",
        "okafor",
        "maraoka",
        "petkov",
        "isbel",
        "kov",
        "oka",
        "mar",
        "quist",
        "dune.ex",
        "example",
    ] {
        // The first page, and one from the middle.
        for after in [0, 500_000] {
            // As `Search::index_pattern` has it.
            let piece = text.split('@').next().filter(|local| local.len() >= 3).unwrap_or(text);
            let piece = &piece[piece.len().saturating_sub(16)..];
            let exact = piece == text;
            let arguments = format!("{after}, 0, 51, false, false, '{text}', '%{piece}%', {exact}");
            let plan = crowd.assert_quick(search, &arguments).await;
            assert!(plan.indexes.contains("users_search_idx"), "expected the index for {text}: {plan:#?}");
            assert!(plan.indexes.contains("users_pkey"), "expected the key for {text}: {plan:#?}");
        }
    }
}

async fn pages_by_key_cost_the_same_everywhere(crowd: &Crowd) {
    for (path, arguments) in [
        ("/users/?limit=50&after=1", "0, 51, false, false"),
        ("/rbac/users?limit=50&after=1", "0, 51, false"),
    ] {
        let statements = crowd.statements(path).await;
        let [_, page] = statements.as_slice() else { panic!("expected two statements: {statements:#?}") };
        let first = crowd.assert_quick(page, &format!("0, {arguments}")).await;
        let last = crowd.assert_quick(page, &format!("{PAGE_20_000}, {arguments}")).await;
        assert!(last.indexes.contains("users_pkey"), "expected the key: {last:#?}");
        // How many roles the accounts of a page have differs a little.
        assert!(last.blocks <= first.blocks * 5 / 4 + 10, "expected equal costs: {first:#?} {last:#?}");
    }
}

async fn rights_are_read_by_index(crowd: &Crowd) {
    for path in ["/rbac/my-permissions", "/auth/me"] {
        let statements = crowd.statements(path).await;
        let [guard] = statements.as_slice() else { panic!("expected one statement: {statements:#?}") };
        let arguments = format!("{}, 1, true, false", crowd.administrator.id);
        let plan = crowd.assert_quick(guard, &arguments).await;
        assert!(plan.blocks < 1_000, "expected few blocks: {plan:#?}");
        only_indexes_are_read(crowd, guard, &arguments).await;
    }
}

/// The statement asks a function, whose own plans are not shown: what Postgres has counted tells how tables were read, with
/// plans for these arguments, and, from the sixth time on, with the one for all.
async fn only_indexes_are_read(crowd: &Crowd, statement: &str, arguments: &str) {
    let mut db = crowd.service.db().await;
    let transaction = db.transaction().await.expect("Postgres answers");
    transaction.batch_execute(&format!("PREPARE judged AS {statement}")).await.expect("a statement");
    for _ in 0..10 {
        transaction.batch_execute(&format!("EXECUTE judged({arguments})")).await.expect("it runs");
    }
    for table in ["users", "user_roles", "sessions"] {
        let counted = "SELECT seq_scan, idx_scan FROM pg_stat_xact_user_tables WHERE relname = $1";
        let counted = transaction.query_one(counted, &[&table]).await.expect("Postgres counts");
        let scans: (i64, i64) = (counted.get(0), counted.get(1));
        assert!(scans.0 == 0 && scans.1 >= 10, "expected {table} to be read by index: {scans:?}");
    }
}

/// Who is an administrator is asked of a function, whose own plans are not shown: its time is.
async fn a_change_of_administrators_is_quick(crowd: &Crowd) {
    let marked = crowd.plan("SELECT an_administrator_remains($1, NULL, NULL, NULL)", "'{1}'").await;
    assert!(marked.milliseconds < LIMIT, "expected less than {LIMIT} ms: {marked:#?}");
    crowd.service.sql("UPDATE users SET is_admin = false WHERE is_admin").await;
    let nobody = crowd.plan("SELECT an_administrator_remains($1, NULL, NULL, NULL)", "'{1}'").await;
    assert!(nobody.milliseconds < LIMIT, "expected less than {LIMIT} ms: {nobody:#?}");
}

async fn a_login_is_found_by_index(crowd: &Crowd) {
    let answer = crowd
        .service
        .post("/auth/login")
        .form(&[("username", "Administrator@Example.com"), ("password", PASSWORD)])
        .id("login")
        .send()
        .await;
    answer.expect(200);
    let log = crowd.service.logs().of_request("login").await;
    let found = crowd.assert_quick(log.statements()[0], "'administrator@example.com'").await;
    assert!(found.indexes.contains("users_email_key"), "expected the index: {found:#?}");
}
