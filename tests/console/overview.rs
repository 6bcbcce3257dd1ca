//! `GET /console`

use users_tests::{Browser, between};

use crate::support::{Fixture, assert_says, grant};

/// The figures of a page: names and values.
fn figures(page: &str) -> Vec<(String, String)> {
    let list = between(page, "<dl class=\"figures\">", "</dl>")[0];
    let text =
        |markup: &str| markup.split('<').filter_map(|part| Some(part.split_once('>')?.1)).collect::<String>();
    let names = between(list, "<dt>", "</dt>");
    let values = between(list, "<dd>", "</dd>");
    names.iter().zip(values).map(|(name, value)| ((*name).to_owned(), text(&format!("<>{value}")))).collect()
}

/// The value of a figure.
fn figure(page: &str, name: &str) -> String {
    let found = figures(page).into_iter().find(|(it, _)| it == name);
    found.unwrap_or_else(|| panic!("expected a figure {name}: {page}")).1
}

#[tokio::test]
async fn an_administrator_sees_the_figures_of_the_service() {
    let fixture = Fixture::start().await;
    fixture.add(1203).await;
    fixture
        .rows("UPDATE users SET created_at = now() - interval '30 days' WHERE id % 2 = 0; DELETE FROM outbox")
        .await;
    let page = fixture.browser.open("/console").await;
    assert_eq!(figure(&page, "Accounts"), "1,204");
    assert_eq!(figure(&page, "New in the last 7 days"), "602");
    assert_eq!(figure(&page, "Oldest e-mail that waits"), "None");
    let sessions = fixture.rows("SELECT count(*) FROM sessions").await.concat();
    assert_eq!(figure(&page, "Active sessions"), sessions);
    let version = fixture.rows("SELECT max(version) FROM users_schema_migrations").await.concat();
    assert_eq!(figure(&page, "Schema version"), version);
}

#[tokio::test]
async fn mail_that_waits_for_long_is_a_warning() {
    let fixture = Fixture::start().await;
    fixture.rows("DELETE FROM outbox").await;
    let warning = "E-mails have been waiting for more than ten minutes.";
    for (age, shown, is_warned) in [
        ("42 seconds", "42 s", false),
        ("9 minutes", "9 min", false),
        ("11 minutes", "11 min", true),
        ("5 hours", "5 h", true),
        ("3 days", "3 d", true),
    ] {
        fixture
            .rows(&format!(
                "DELETE FROM outbox;
                 INSERT INTO outbox (kind, user_id, created_at) VALUES ('password_changed', 1, now() - interval '{age}')"
            ))
            .await;
        let page = fixture.browser.open("/console").await;
        let told = figure(&page, "Oldest e-mail that waits");
        // A few seconds may have passed.
        let unit = shown.split(' ').next_back().expect("a unit");
        assert!(told == shown || (unit == "s" && told.ends_with(" s")), "expected {shown}: {told}");
        assert_eq!(page.contains(warning), is_warned, "{age}");
    }
}

#[tokio::test]
async fn attempts_and_logins_are_drawn_and_told_in_a_table() {
    let fixture = Fixture::start().await;
    fixture
        .rows(
            "DELETE FROM login_hours;
             INSERT INTO login_hours (hour, shard, attempts, logins)
             SELECT date_trunc('hour', now(), 'UTC') - ago * interval '1 hour', 0, ago * 100, ago * 50
               FROM generate_series(1, 20) AS ago",
        )
        .await;
    let page = fixture.browser.open("/console").await;
    let drawing = between(&page, "<svg", "</svg>")[0];
    assert_eq!(drawing.matches("class=\"attempts\"").count(), 20, "expected no bar for zero: {drawing}");
    assert_eq!(drawing.matches("class=\"logins\"").count(), 20);
    assert!(
        drawing.contains("role=\"img\"") && drawing.contains("aria-labelledby=\"chart-title chart-summary\"")
    );
    assert!(drawing.contains("21,000 attempts to log in, of which 10,500 succeeded. Most of them, 2,000,"));
    assert!(!page.contains("style="), "expected colours by classes only");
    let table = between(&page, "<details>", "</details>")[0];
    assert_eq!(table.matches("<tr>").count(), 25, "expected a head and 24 hours: {table}");
    assert!(table.contains("<td class=\"number\">2,000</td><td class=\"number\">1,000</td>"), "{table}");
    fixture.rows("DELETE FROM login_hours").await;
    let page = fixture.browser.open("/console").await;
    assert!(page.contains("Nobody has tried to log in in the last 24 hours."), "{page}");
}

#[tokio::test]
async fn who_administrates_roles_only_sees_no_figures() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    grant(&fixture.service, alice.id, "roles", &["rbac:read"]).await;
    let browser = Browser::signed_in(&fixture.service, &alice.email).await;
    let answer = browser.get("/console").await;
    assert_says(&answer, 200, "The figures of this service are for people who may read accounts.");
    assert!(!answer.body.contains("class=\"figures\"") && !answer.body.contains("<svg"), "{answer:#?}");
}

#[tokio::test]
async fn who_administrates_nothing_gets_a_403_and_who_is_not_signed_in_the_form() {
    let fixture = Fixture::start().await;
    let alice = fixture.service.account("alice@example.com").await;
    let browser = Browser::signed_in(&fixture.service, &alice.email).await;
    for path in ["/console", "/console/check", "/console/api"] {
        assert_says(
            &browser.get(path).await,
            403,
            "The administration is for people with administrative rights.",
        );
        let answer = Browser::new(&fixture.service).get(path).await;
        let place = format!("/account?next={}", path.replace('/', "%2F"));
        assert_eq!((answer.status, answer.header("location")), (303, Some(place)), "{answer:#?}");
    }
}
