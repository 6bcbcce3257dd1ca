//! Hostile twins: components with the imports, the variables and the role of the real ones, and the code of an attacker.
//!
//! `attacks.txt` lists what they try. `docs/SECURITY.md` tells in one table how far that gets, and this file compares the two.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::json;
use users_spin_manifest::Manifest;
use users_tests::{Neighbour, Service, assert_problem, environment, token};

/// The components with a role in the database, and those without one.
const DATABASE: [&str; 5] = ["auth", "users", "rbac", "profile", "system"];
const PAGES: [&str; 2] = ["console", "docs"];

/// The component, a path that leads to it, and the file of its twin. `auth` and `users` have the same imports, and so do `rbac` and `profile`.
const TWINS: [(&str, &str, &str); 7] = [
    ("auth", "/auth/hostile", "hostile_users"),
    ("users", "/users/hostile", "hostile_users"),
    ("rbac", "/rbac/hostile", "hostile_rbac"),
    ("profile", "/profile/hostile", "hostile_rbac"),
    ("system", "/hostile", "hostile_system"),
    ("console", "/console/hostile", "hostile_console"),
    ("docs", "/docs/hostile", "hostile_files"),
];

/// The fewest attacks on a component.
const FEWEST: usize = 50;

const ADMIN: &str = "1000001";
const PLAIN: &str = "1000002";
const SESSION: &str = "2000001";
const BOSS: &str = "3000001";
const EVERYTHING: &str = "4000001";

/// A line of the list.
struct Attack {
    components: Vec<&'static str>,
    outcome: Outcome,
    order: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// The attack ends with this word.
    Ends(&'static str),
    /// The attack works, as this line of the table in `docs/SECURITY.md` says.
    Works(&'static str),
}

fn attacks() -> Vec<Attack> {
    let lines = include_str!("attacks.txt").lines();
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(attack).collect()
}

fn attack(line: &'static str) -> Attack {
    let cells: Vec<&str> = line.splitn(3, " | ").collect();
    let [components, outcome, order] = cells[..] else { panic!("expected three cells: {line}") };
    let components = components.split(',').flat_map(|name| match name {
        "database" => DATABASE.to_vec(),
        "pages" => PAGES.to_vec(),
        "all" => [&DATABASE[..], &PAGES].concat(),
        name => vec![name],
    });
    let outcome = outcome.strip_prefix("works: ").map_or(Outcome::Ends(outcome), Outcome::Works);
    Attack { components: components.collect(), outcome, order }
}

/// `spin.toml` with a twin in the place of each of these components.
fn hostile_manifest(is_taken_over: impl Fn(&str) -> bool) -> String {
    let text = fs::read_to_string(&environment().manifest).expect("the manifest can be read");
    let source = |name: &str| format!("source = \"target/wasm/wasm32-wasip2/component/{name}.wasm\"");
    TWINS.iter().filter(|(name, ..)| is_taken_over(name)).fold(text, |text, (name, _, twin)| {
        assert_eq!(text.matches(&source(name)).count(), 1, "expected one source of {name}");
        text.replace(&source(name), &source(twin))
    })
}

/// The real service, and beside it the twins, with the same variables and the same database. The twin of the console is among the real
/// components, which it calls.
struct Twins {
    service: Service,
    neighbour: Neighbour,
    beside_console: Neighbour,
}

impl Twins {
    async fn start() -> Self {
        let service = Service::start().await;
        let neighbour = service.beside(&hostile_manifest(|name| name != "console"));
        let beside_console = service.beside(&hostile_manifest(|name| name == "console"));
        let twins = Self { service, neighbour, beside_console };
        twins.prepare().await;
        twins
    }

    /// The host of a component's twin.
    fn host_of(&self, component: &str) -> &Neighbour {
        if component == "console" { &self.beside_console } else { &self.neighbour }
    }

    /// Restores what an attack may have changed: two accounts, a session, and a role that makes administrators.
    async fn prepare(&self) {
        self.service
            .sql(&format!(
                "DELETE FROM users; DELETE FROM roles; DELETE FROM permissions; DELETE FROM outbox;
                 UPDATE hash_slots SET leased_until = 'epoch';
                 INSERT INTO users (id, email, password_hash, is_admin) VALUES
                     ({ADMIN}, 'admin@example.com', '$argon2id$', true), ({PLAIN}, 'plain@example.com', '!', false);
                 INSERT INTO sessions (id, user_id, expires_at) OVERRIDING SYSTEM VALUE
                 VALUES ({SESSION}, {ADMIN}, now() + interval '1 day');
                 INSERT INTO refresh_tokens (token_hash, session_id, expires_at)
                 VALUES (sha256('a refresh token'), {SESSION}, now() + interval '1 day');
                 INSERT INTO profiles (user_id, is_created, phone_number) VALUES ({ADMIN}, true, '+15550100');
                 INSERT INTO roles (id, name) VALUES ({BOSS}, 'boss');
                 INSERT INTO permissions (id, name, resource, action) VALUES ({EVERYTHING}, 'everything', 'admin', 'all');
                 INSERT INTO role_permissions VALUES ({BOSS}, {EVERYTHING});
                 INSERT INTO user_roles VALUES ({ADMIN}, {BOSS})"
            ))
            .await;
    }

    /// Adds a key that signs, as the true `auth` would have at its first login. Nobody can open it.
    async fn add_key(&self) {
        self.service
            .sql(
                "DELETE FROM signing_keys;
                 INSERT INTO signing_keys (kid, public_key, sealed_key, signs_from)
                 VALUES (repeat('k', 43), sha256('public'), sha256('sealed'), now())",
            )
            .await;
    }

    /// Sends an order to a twin. Returns the outcome in a word, and what the twin could read.
    async fn order(&self, component: &str, order: &str) -> (String, String) {
        self.order_with(component, order, "").await
    }

    /// Sends an order to a twin that knows the token of a visitor.
    async fn order_with(&self, component: &str, order: &str, visitor: &str) -> (String, String) {
        let (_, path, _) = TWINS.iter().find(|(name, ..)| *name == component).expect("a component");
        let owner =
            self.service.sql("SELECT tableowner FROM pg_tables WHERE tablename = 'users'").await.concat();
        let names = [
            ("{admin}", ADMIN),
            ("{plain}", PLAIN),
            ("{session}", SESSION),
            ("{boss}", BOSS),
            ("{everything}", EVERYTHING),
            ("{owner}", &owner),
            ("{visitor}", visitor),
            ("{front}", self.service.address()),
        ];
        let order = names.iter().fold(order.to_owned(), |order, (name, value)| order.replace(name, value));
        let answer =
            self.host_of(component).front.post(path).body("text/plain", order).send().await.expect(200);
        let (outcome, read) = answer.body.split_once('\n').unwrap_or((&answer.body, ""));
        (outcome.to_owned(), read.to_owned())
    }
}

/// True if the outcome shows that the attack worked. A statement that returns no rows by nature has worked if there is no error.
fn has_worked(order: &str, outcome: &str) -> bool {
    let last = order.rsplit(";;").next().unwrap_or_default();
    let returns_rows = last.contains("SELECT") || last.contains("RETURNING");
    match outcome {
        "rows 0" => !returns_rows,
        "held 0" => false,
        status if status.len() == 3 && status.starts_with('2') => true,
        "value" | "read" | "written" | "started" => true,
        outcome => outcome.starts_with("rows ") || outcome.starts_with("held "),
    }
}

/// The attacks whose outcome differs from the list, if any.
fn surprise(component: &str, attack: &Attack, outcome: &str) -> Option<String> {
    let is_expected = match attack.outcome {
        Outcome::Ends(word) => outcome == word,
        Outcome::Works(_) => has_worked(attack.order, outcome),
    };
    let Attack { outcome: expected, order, .. } = attack;
    (!is_expected).then(|| format!("{component}: {order}: expected {expected:?}, got {outcome}"))
}

#[tokio::test]
async fn a_component_that_is_taken_over_gets_no_further_than_the_table_says() {
    let twins = Twins::start().await;
    twins.add_key().await;
    let mut wrong = Vec::new();
    for attack in attacks() {
        let order = attack.order;
        for component in attack.components.iter().filter(|name| **name != "console") {
            let (outcome, _) = twins.order(component, order).await;
            wrong.extend(surprise(component, &attack, &outcome));
            let may_have_changed = order.starts_with("sql") && outcome.starts_with("rows ");
            if may_have_changed {
                twins.prepare().await;
                twins.add_key().await;
            }
        }
    }
    assert!(wrong.is_empty(), "{} attacks end otherwise:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn a_console_that_is_taken_over_gets_no_further_than_the_people_who_use_it() {
    let twins = Twins::start().await;
    let visitor = twins.service.account("visitor@example.com").await;
    let mut wrong = Vec::new();
    for attack in attacks().iter().filter(|attack| attack.components.contains(&"console")) {
        let (outcome, _) = twins.order_with("console", attack.order, &visitor.tokens.access).await;
        wrong.extend(surprise("console", attack, &outcome));
    }
    assert!(wrong.is_empty(), "{} attacks end otherwise:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_component_is_attacked_in_many_ways() {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for Attack { components, .. } in attacks() {
        for component in components {
            *count.entry(component).or_default() += 1;
        }
    }
    let manifest = fs::read_to_string(&environment().manifest).expect("the manifest can be read");
    let manifest = Manifest::parse(&manifest).expect("spin.toml is a manifest");
    // A dependency has no variables and no role of its own, and imports nothing: see imports.rs.
    let attacked: BTreeSet<&str> = TWINS.iter().map(|(name, ..)| *name).collect();
    let others = manifest.components.keys().filter(|name| !attacked.contains(name.as_str()));
    assert_eq!(others.collect::<Vec<_>>(), ["password", "policy"], "expected a twin of every component");
    for name in attacked {
        assert!(
            count.get(name).is_some_and(|it| *it >= FEWEST),
            "expected {FEWEST} attacks on {name}: {count:?}"
        );
    }
}

/// The table “If this part is taken over”: the lines of each component.
fn table() -> BTreeMap<String, BTreeSet<String>> {
    let text =
        fs::read_to_string(environment().root().join("docs/SECURITY.md")).expect("the document can be read");
    let section =
        text.split("\n## ").find(|it| it.starts_with("If this part is taken over\n")).expect("the section");
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    rows.map(|(component, cells)| {
        let lines =
            cells.split(" | ").next().unwrap_or_default().split("; ").filter(|line| *line != "nothing");
        (component.to_owned(), lines.map(str::to_owned).collect())
    })
    .collect()
}

#[test]
fn the_table_says_what_works_and_nothing_else() {
    let mut works: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (component, ..) in TWINS {
        works.entry(component.to_owned()).or_default();
    }
    for Attack { components, outcome, .. } in attacks() {
        if let Outcome::Works(line) = outcome {
            for component in components {
                works.entry(component.to_owned()).or_default().insert(line.to_owned());
            }
        }
    }
    assert_eq!(table(), works);
}

/// What every component but `auth` knows does not suffice for a token: all its variables, everything that it can read, and the public keys,
/// which everybody knows.
#[tokio::test]
async fn nobody_but_auth_can_make_a_token() {
    let twins = Twins::start().await;
    let victim = twins.service.account("victim@example.com").await;
    let genuine = &victim.tokens.access;
    let (header, claims) = (token::header(genuine), token::claims(genuine));
    twins.service.me(genuine).await.expect(200);
    let manifest = fs::read_to_string(&environment().manifest).expect("the manifest can be read");
    let manifest = Manifest::parse(&manifest).expect("spin.toml is a manifest");
    let public = "SELECT encode(public_key, 'base64') FROM signing_keys UNION SELECT kid FROM signing_keys";
    for (component, ..) in TWINS.iter().filter(|(name, ..)| *name != "auth") {
        let mut known = twins.service.sql(public).await;
        for name in manifest.components[*component].variables.keys() {
            let (outcome, value) = twins.order(component, &format!("variable {name}")).await;
            assert_eq!(outcome, "value", "{component} has the variable {name}");
            known.push(value);
        }
        for Attack { components, outcome, order } in attacks() {
            if components.contains(component)
                && matches!(outcome, Outcome::Works(_))
                && order.starts_with("sql SELECT")
            {
                known.extend(twins.order(component, order).await.1.split(['\n', '|']).map(str::to_owned));
            }
        }
        known.push(genuine.clone());
        known.push(header["kid"].as_str().unwrap_or_default().to_owned());
        known.sort_unstable();
        known.dedup();
        for secret in &known {
            for algorithm in ["HS256", "EdDSA"] {
                let header = token::with(&header, "alg", algorithm);
                let forged = token::signed(secret, &header, &claims);
                assert_problem(&twins.service.me(&forged).await, 401, "invalid_token");
                let without_key = token::signed(secret, &token::without(&header, "kid"), &claims);
                assert_problem(&twins.service.me(&without_key).await, 401, "invalid_token");
            }
            let answer =
                twins.service.post("/auth/refresh").json(&json!({"refresh_token": secret})).send().await;
            assert!([401, 422].contains(&answer.status), "{component}: {answer:#?}");
        }
    }
    twins.service.me(genuine).await.expect(200);
}
