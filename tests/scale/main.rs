//! Measures the cost of a page with a million accounts and 50,000 grants.

mod keys;
mod plan;

use plan::Plan;
use users_tests::{Account, PASSWORD, Service};

/// The limit for planning and executing a statement, in milliseconds, on a fast machine.
const LIMIT: f64 = 15.0;
/// On a slow machine, the limit is relative: it is this factor times the duration of reading 15,000 accounts in the same run.
const LIMIT_BY_RATIO: f64 = 1.25;
/// Reads 15,000 accounts one by one, and compares each with a text. A search must take about the same time.
const WALK: &str = "SELECT count(*) FROM (SELECT * FROM users WHERE id > $1 ORDER BY id LIMIT 15000) n
                     WHERE strpos(lower(n.email || E'\\n' || coalesce(n.full_name, '')), 'isbel') > 0";
/// The last id before the last full page of 50 accounts.
const PAGE_20_000: i32 = 999_950;

/// A service with a million accounts, which `usersctl seed` creates, and an administrator with roles.
struct Crowd {
    service: Service,
    administrator: Account,
    /// The limit for a statement, in milliseconds.
    limit: f64,
}

impl Crowd {
    async fn start() -> Self {
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
        let walk = Plan::of(&service.db().await, WALK, "0").await.milliseconds;
        let limit = LIMIT.max(walk * LIMIT_BY_RATIO);
        println!("{walk:>7.2} ms to read 15,000 accounts; the limit is {limit:.2} ms");
        Self { service, administrator, limit }
    }

    /// The statements that run for a request by the administrator.
    async fn statements(&self, path: &str) -> Vec<String> {
        let id = path.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        self.service.get(path).bearer(&self.administrator.tokens.access).id(&id).send().await.expect(200);
        self.service.logs().of_request(&id).await.statements().into_iter().map(str::to_owned).collect()
    }

    /// The plan of a statement, for the arguments that the component passes.
    async fn plan(&self, statement: &str, arguments: &str) -> Plan {
        let plan = Plan::of(&self.service.db().await, statement, arguments).await;
        println!("{:>7.2} ms, {:>6} blocks: {arguments}", plan.milliseconds, plan.blocks);
        plan
    }

    /// Asserts that the statement stays within the limit and reads no table completely.
    async fn assert_quick(&self, statement: &str, arguments: &str) -> Plan {
        let plan = self.plan(statement, arguments).await;
        let limit = self.limit;
        assert!(plan.milliseconds < limit, "expected less than {limit} ms for {arguments}: {plan:#?}");
        for table in ["users", "user_roles", "sessions"] {
            assert!(!plan.scanned.contains(table), "expected no scan of {table} for {arguments}: {plan:#?}");
        }
        plan
    }
}

#[tokio::test]
async fn a_page_of_a_million_accounts_takes_a_few_milliseconds() {
    let crowd = Crowd::start().await;
    searches_use_the_trigram_index(&crowd).await;
    pages_by_key_cost_the_same_everywhere(&crowd).await;
    rights_are_read_by_index(&crowd).await;
    a_change_of_administrators_is_quick(&crowd).await;
    a_login_is_found_by_index(&crowd).await;
    statistics_count_no_rows(&crowd).await;
}

/// Searches for texts that occur in no account, in one account, in a few, in thousands, and in all.
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
        // The first page, and a page from the middle.
        for after in [0, 500_000] {
            // The same pattern as `Search::index_pattern`.
            let piece = text.split('@').next().filter(|local| local.len() >= 3).unwrap_or(text);
            let piece = &piece[piece.len().saturating_sub(16)..];
            let exact = piece == text;
            // Of the last three arguments, two are for accounts without keys, which this test has none of, and one is the kind of account.
            let folded = |text: &str| text.to_lowercase();
            let arguments = format!(
                "{after}, 0, 51, false, false, '{}', '%{}%', {exact}, '{text}', '%{piece}%', NULL",
                folded(text),
                folded(piece)
            );
            let plan = crowd.assert_quick(search, &arguments).await;
            assert!(
                plan.indexes.contains("users_search_text_idx"),
                "expected the index for {text}: {plan:#?}"
            );
            assert!(plan.indexes.contains("users_pkey"), "expected the key for {text}: {plan:#?}");
        }
    }
}

async fn pages_by_key_cost_the_same_everywhere(crowd: &Crowd) {
    for (path, arguments) in [
        ("/users/?limit=50&after=1", "0, 51, false, false, NULL"),
        ("/rbac/users?limit=50&after=1", "0, 51, false"),
    ] {
        let statements = crowd.statements(path).await;
        let [_, page] = statements.as_slice() else { panic!("expected two statements: {statements:#?}") };
        let first = crowd.assert_quick(page, &format!("0, {arguments}")).await;
        let last = crowd.assert_quick(page, &format!("{PAGE_20_000}, {arguments}")).await;
        assert!(last.indexes.contains("users_pkey"), "expected the key: {last:#?}");
        // The number of roles per page varies.
        assert!(last.blocks <= first.blocks * 5 / 4 + 10, "expected equal costs: {first:#?} {last:#?}");
    }
}

async fn rights_are_read_by_index(crowd: &Crowd) {
    for path in ["/rbac/my-permissions", "/auth/me"] {
        let statements = crowd.statements(path).await;
        let [guard] = statements.as_slice() else { panic!("expected one statement: {statements:#?}") };
        let arguments = format!("{}, 1, NULL, '{{permissions}}'", crowd.administrator.id);
        let plan = crowd.assert_quick(guard, &arguments).await;
        assert!(plan.blocks < 1_000, "expected few blocks: {plan:#?}");
        only_indexes_are_read(crowd, guard, &arguments, &["users", "user_roles", "sessions"]).await;
    }
}

/// The statement calls a function, and `EXPLAIN` does not show the plans inside a function. The statistics of Postgres show scans
/// of tables. The first five runs use plans for these arguments, later runs the generic plan.
async fn only_indexes_are_read(crowd: &Crowd, statement: &str, arguments: &str, tables: &[&str]) {
    let mut db = crowd.service.db().await;
    let transaction = db.transaction().await.expect("Postgres answers");
    transaction.batch_execute(&format!("PREPARE judged AS {statement}")).await.expect("a statement");
    for _ in 0..10 {
        transaction.batch_execute(&format!("EXECUTE judged({arguments})")).await.expect("it runs");
    }
    for table in tables {
        let counted = "SELECT seq_scan, idx_scan FROM pg_stat_xact_user_tables WHERE relname = $1";
        let counted = transaction.query_one(counted, &[table]).await.expect("Postgres counts");
        let scans: (i64, i64) = (counted.get(0), counted.get(1));
        assert!(scans.0 == 0 && scans.1 >= 10, "expected {table} to be read by index: {scans:?}");
    }
}

/// A function checks that an administrator remains. `EXPLAIN` does not show the plan of a function, but it shows its time.
async fn a_change_of_administrators_is_quick(crowd: &Crowd) {
    let marked = crowd.plan("SELECT an_administrator_remains($1, NULL, NULL, NULL)", "'{1}'").await;
    assert!(marked.milliseconds < crowd.limit, "expected less than {} ms: {marked:#?}", crowd.limit);
    crowd.service.sql("UPDATE users SET is_admin = false WHERE is_admin").await;
    let plan = crowd.plan("SELECT an_administrator_remains($1, NULL, NULL, NULL)", "'{1}'").await;
    assert!(plan.milliseconds < crowd.limit, "expected less than {} ms: {plan:#?}", crowd.limit);
    let restored = format!("UPDATE users SET is_admin = true WHERE id = {}", crowd.administrator.id);
    crowd.service.sql(&restored).await;
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
    let statement = log.statements()[0];
    // Address and key; the client's network; key, count and seconds of logins; keys, count and seconds of wrong passwords; slots and ticket.
    let arguments = "'Administrator@Example.com', 'administrator@example.com', sha256('network'), sha256('logins'), 1000, 60, \
                     sha256('shared'), sha256('own'), 1000, 600, 4, 7";
    crowd.assert_quick(statement, arguments).await;
    only_indexes_are_read(crowd, statement, arguments, &["users"]).await;
}

/// A million sessions, some thousand of which have expired, and a hundred thousand e-mails that wait, besides the million accounts.
async fn statistics_count_no_rows(crowd: &Crowd) {
    crowd
        .service
        .sql(
            "INSERT INTO sessions (user_id, expires_at)
             SELECT id, now() + (id % 500 - 1) * interval '1 hour' FROM users ORDER BY id LIMIT 1000000;
             INSERT INTO outbox (kind, user_id) SELECT 'password_changed', id FROM users ORDER BY id LIMIT 100000;
             INSERT INTO login_hours (hour, shard, attempts, logins)
             SELECT date_trunc('hour', now(), 'UTC') - ago * interval '1 hour', shard, 7, 5
               FROM generate_series(1, 35 * 24) AS ago, generate_series(0, 15) AS shard",
        )
        .await;
    crowd.service.sql("VACUUM (ANALYZE) sessions, outbox, login_hours, count_changes").await;
    let statements = crowd.statements("/users/statistics").await;
    let [_, statistics] = statements.as_slice() else { panic!("expected two statements: {statements:#?}") };
    crowd.assert_quick(statistics, "24").await;
    only_indexes_are_read(crowd, statistics, "24", &["sessions", "outbox"]).await;
    let shown =
        crowd.service.get("/users/statistics").bearer(&crowd.administrator.tokens.access).send().await;
    let counted = crowd
        .service
        .sql("SELECT count(*), (SELECT count(*) FROM sessions WHERE expires_at > now()) FROM users")
        .await;
    let shown = shown.expect(200).json();
    assert_eq!(counted, [format!("{}|{}", shown["accounts"], shown["active_sessions"])]);
}
