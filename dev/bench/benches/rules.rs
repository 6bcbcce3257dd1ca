//! Measures rules without I/O: addresses, passwords, searches, preferences, and the policy.

use std::hint::black_box;

use criterion::Criterion;
use users_core::{DeniedWords, Email, Password, PasswordRules, PhoneNumber, Preferences, Search, WebUrl};
use users_policy::{Right, is_granted};

fn main() {
    let mut criterion = users_bench::criterion();
    registration(&mut criterion);
    search(&mut criterion);
    profile(&mut criterion);
    policy(&mut criterion);
    criterion.final_summary();
}

fn registration(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("registration");
    for (name, text) in [
        ("address, ASCII", " Ada.Lovelace+tag@mail.example.com "),
        ("address, other scripts", "用户@例子.公司"),
        ("address, refused", "Ada <ada@example.com>"),
    ] {
        group.bench_function(name, |it| it.iter(|| Email::parse(black_box(text))));
    }
    let email = Email::parse("ada.lovelace@example.com").expect("an address");
    let rules = |words: DeniedWords| {
        PasswordRules::new(words, |candidate| {
            if users_password::is_common(candidate.folded) { Err(String::new()) } else { Ok(()) }
        })
    };
    let words = || "acme,globex,initech".parse().expect("three words");
    for (name, text, rules) in [
        ("password, uncommon", "correct horse battery staple", rules(DeniedWords::default())),
        ("password, common", "Password123", rules(DeniedWords::default())),
        ("password, with three denied words", "correct horse battery staple", rules(words())),
    ] {
        let password = Password::from(text.to_owned());
        group.bench_function(name, |it| it.iter(|| rules.check(black_box(&password), Some(&email), None)));
    }
    group.finish();
}

fn search(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("search");
    group.bench_function("text to index pattern", |it| {
        let parse = |text: &str| text.parse::<Search>().expect("a short text").index_pattern();
        it.iter(|| parse(black_box("ada.lovelace42@mail.example.com")));
    });
    group.finish();
}

fn profile(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("profile");
    let preferences: Preferences = serde_json::from_str(
        r#"{"theme": "dark", "language": "pt-BR", "timezone": "Europe/Berlin", "notifications_email": true, "own": [1, 2]}"#,
    )
    .expect("an object");
    assert!(preferences.invalid().is_empty());
    group.bench_function("preferences", |it| it.iter(|| black_box(&preferences).invalid()));
    group.bench_function("website", |it| {
        it.iter(|| WebUrl::try_from(black_box("https://example.com/ada?x=y#z").to_owned()));
    });
    group.bench_function("telephone number", |it| {
        it.iter(|| PhoneNumber::try_from(black_box("+44 20 7946 0958").to_owned()));
    });
    group.finish();
}

/// The required right is the caller's last one, or the caller does not have it.
fn policy(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("policy");
    let names: Vec<String> = (0..1000).map(|number| format!("resource-{number}")).collect();
    let held: Vec<Right<'_>> = names.iter().map(|name| Right::new(name, "read")).collect();
    for count in [5, 1000] {
        let held = &held[..count];
        let granted = |required| is_granted(false, black_box(held).iter().copied(), required);
        let (last, none) = (held[count - 1], Right::new("resource-x", "read"));
        assert!(granted(last) && !granted(none));
        group
            .bench_function(format!("allowed by the last of {count} rights"), |it| it.iter(|| granted(last)));
        group.bench_function(format!("refused with {count} rights"), |it| it.iter(|| granted(none)));
    }
    group.finish();
}
