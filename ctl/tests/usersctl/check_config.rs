//! `usersctl check-config`.

use std::net::{Ipv6Addr, TcpListener};
use std::process::Output;

use local_postgres::{Binaries, Cluster, Settings};

use crate::fixture::{Database, successful, text, usersctl};

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const SECRETS: [(&str, &str); 2] =
    [("SPIN_VARIABLE_KEY_SECRET", SECRET), ("SPIN_VARIABLE_LIMIT_SECRET", SECRET)];

/// Runs `usersctl check-config` with the variables of the service.
fn check(database: &Database, more: &[(&str, &str)]) -> Output {
    let mut command = usersctl(&["check-config"]);
    command.envs(database.variables()).envs(SECRETS);
    command.envs(more.iter().copied()).output().unwrap()
}

/// The lines of the checks that failed.
fn failed(output: &Output) -> Vec<String> {
    let printed = text(&output.stdout) + &text(&output.stderr);
    assert!(!printed.contains(SECRET) && !printed.contains("it's a"), "expected no secret: {printed}");
    let lines = text(&output.stdout);
    let failed: Vec<String> =
        lines.lines().filter_map(|line| line.strip_prefix("failed  ")).map(str::to_owned).collect();
    assert_eq!(output.status.success(), failed.is_empty(), "{printed}");
    failed
}

#[test]
fn a_configuration_that_works_passes_every_check() {
    let database = Database::migrated();
    let output = check(&database, &[]);
    assert_eq!(failed(&output), [""; 0]);
    let lines = successful(&output);
    for word in [
        "key_secret",
        "jwt_secret",
        "public_url",
        "limit_secret",
        "db_host",
        "db_password",
        "accepts changes",
        "UTF8",
        "the schema is at",
    ] {
        let line = lines.lines().find(|line| line.contains(word));
        assert!(line.is_some_and(|line| line.starts_with("ok ")), "{word}: {lines}");
    }
}

#[test]
fn each_thing_that_is_wrong_has_its_line() {
    let database = Database::migrated();
    for (name, value, word) in [
        ("SPIN_VARIABLE_KEY_SECRET", "too short", "key_secret"),
        ("SPIN_VARIABLE_KEY_SECRET_PREVIOUS", "too short", "key_secret_previous"),
        ("SPIN_VARIABLE_PUBLIC_URL", "users.example.com", "public_url"),
        ("SPIN_VARIABLE_JWT_SECRET", "too short", "jwt_secret"),
        ("SPIN_VARIABLE_JWT_SECRET_PREVIOUS", "too short", "jwt_secret_previous"),
        ("SPIN_VARIABLE_LIMIT_SECRET", "too short", "limit_secret"),
        ("SPIN_VARIABLE_LIMIT_PASSWORD_FAILURES", "ten", "limit_password_failures"),
        ("SPIN_VARIABLE_LIMIT_LOGINS", "1/8d", "limit_logins"),
        ("SPIN_VARIABLE_LIMIT_REGISTRATIONS", "", "limit_registrations"),
        ("SPIN_VARIABLE_LIMIT_FORGOTTEN", "1/1m,5/1h", "limit_forgotten"),
        ("SPIN_VARIABLE_LIMIT_CODES", "5/10m", "limit_codes"),
        ("SPIN_VARIABLE_WEBAUTHN_RP_ID", "https://example.com", "webauthn_rp_id"),
        ("SPIN_VARIABLE_WEBAUTHN_ORIGINS", "*", "webauthn_origins"),
        ("SPIN_VARIABLE_REGISTRATION", "shut", "registration"),
        ("SPIN_VARIABLE_REQUIRE_VERIFIED_EMAIL", "yes", "require_verified_email"),
        ("SPIN_VARIABLE_LOG_QUERIES", "yes", "log_queries"),
        ("SPIN_VARIABLE_DENIED_WORDS", "acme,xy", "denied_words"),
        ("SPIN_VARIABLE_HASH_SLOTS", "0", "hash_slots"),
        ("SPIN_VARIABLE_ACCESS_TOKEN_LIFETIME", "2d", "access_token_lifetime"),
        ("SPIN_VARIABLE_SESSION_IDLE_LIFETIME", "30", "session_idle_lifetime"),
        ("SPIN_VARIABLE_SESSION_LIFETIME", "0d", "session_lifetime"),
        ("SPIN_VARIABLE_TRUSTED_PROXIES", "ingress-nginx", "trusted_proxies"),
        ("SPIN_VARIABLE_PROXY_HEADER", "x-real-ip", "proxy_header"),
        ("SPIN_VARIABLE_CORS_ORIGINS", "https://app.example.com/", "cors_origins"),
        ("SPIN_VARIABLE_BLOCKED_ADDRESSES", "10.0.0.1/8", "blocked_addresses"),
        ("SPIN_VARIABLE_ADMIN_ADDRESSES", "office", "admin_addresses"),
        ("SPIN_VARIABLE_DB_SSLMODE", "allow", "db_sslmode"),
        ("SPIN_VARIABLE_DB_PASSWORD", "wrong", "user or password"),
        ("SPIN_VARIABLE_DB_PORT", "9", "cannot be reached"),
    ] {
        let failed = failed(&check(&database, &[(name, value)]));
        assert!(matches!(&failed[..], [one] if one.contains(word)), "{name}: {failed:?}");
    }
    let without = usersctl(&["check-config"]).envs(database.variables()).output().unwrap();
    assert!(failed(&without)[0].contains("key_secret is not set"));
    assert!(failed(&without)[1].contains("limit_secret is not set"));
}

#[test]
fn a_secret_that_does_not_open_the_signing_key_is_found_before_a_start() {
    let database = Database::migrated();
    let mut rotate = database.command(&["keys", "rotate"]);
    successful(&rotate.env("KEY_SECRET", SECRET).output().unwrap());
    assert_eq!(failed(&check(&database, &[])), [""; 0]);
    let other = [("SPIN_VARIABLE_KEY_SECRET", "another secret that is just as long")];
    let failed = failed(&check(&database, &other));
    assert!(matches!(&failed[..], [one] if one.starts_with("key_secret does not open")), "{failed:?}");
}

/// Only a schema without keys is no error of this check: the line about missing migrations says so already.
#[test]
fn an_error_of_the_database_is_no_proof_that_the_secret_opens_the_signing_key() {
    let database = Database::migrated();
    database.sql(
        "CREATE OR REPLACE FUNCTION signing_key() RETURNS TABLE (kid text, sealed_key bytea, is_due boolean)
         LANGUAGE plpgsql AS $$ BEGIN RAISE insufficient_privilege; END $$",
    );
    let failed = failed(&check(&database, &[]));
    assert!(matches!(&failed[..], [one] if one.contains("42501")), "{failed:?}");
}

#[test]
fn the_state_of_the_database_is_checked_and_stays_as_it_is() {
    let database = Database::new();
    assert!(failed(&check(&database, &[]))[0].contains("migrate upgrade"));
    assert_eq!(database.schema(), [""; 0]);
    database.ok(&["migrate", "upgrade"]);
    assert_eq!(failed(&check(&database, &[])), [""; 0]);
    database.sql(&format!("ALTER DATABASE {} SET default_transaction_read_only = on", database.name()));
    assert!(failed(&check(&database, &[]))[0].contains("read-only"));
}

#[test]
fn a_database_in_another_encoding_is_refused() {
    let cluster = Cluster::temporary(&Binaries::find().unwrap(), &Settings::for_tests()).unwrap();
    cluster.sql("postgres", "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0").unwrap();
    let mut command = usersctl(&["check-config"]);
    command.env("DATABASE_URL", cluster.url("latin")).envs(SECRETS);
    let failed = failed(&command.output().unwrap());
    assert!(failed.iter().any(|line| line.contains("LATIN1") && line.contains("UTF8")), "{failed:?}");
}

#[test]
fn an_ipv6_address_works_and_needs_brackets_in_the_variable_of_the_service() {
    if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_err() {
        eprintln!("this machine has no IPv6");
        return;
    }
    let mut settings = Settings::for_tests();
    settings.extra.push(("listen_addresses".to_owned(), "127.0.0.1,::1".to_owned()));
    let cluster = Cluster::temporary(&Binaries::find().unwrap(), &settings).unwrap();
    let url = cluster.url("postgres").replace("127.0.0.1", "[::1]") + "?sslmode=disable";
    successful(&usersctl(&["migrate", "upgrade"]).env("DATABASE_URL", url).output().unwrap());
    let with_host = |arguments: &[&str], host: &str| {
        let port = cluster.port().to_string();
        let variables = [
            ("SPIN_VARIABLE_DB_HOST", host),
            ("SPIN_VARIABLE_DB_PORT", port.as_str()),
            ("SPIN_VARIABLE_DB_NAME", "postgres"),
            ("SPIN_VARIABLE_DB_USER", "postgres"),
            ("SPIN_VARIABLE_DB_PASSWORD", cluster.superuser_password()),
            ("SPIN_VARIABLE_DB_SSLMODE", "disable"),
            ("SPIN_VARIABLE_KEY_SECRET", SECRET),
            ("SPIN_VARIABLE_LIMIT_SECRET", SECRET),
        ];
        usersctl(arguments).envs(variables).output().unwrap()
    };
    for host in ["::1", "[::1]"] {
        assert!(successful(&with_host(&["migrate", "current"], host)).contains("(the newest)"), "{host}");
    }
    assert_eq!(failed(&with_host(&["check-config"], "[::1]")), [""; 0]);
    let bare = failed(&with_host(&["check-config"], "::1"));
    assert!(matches!(&bare[..], [one] if one.contains("[::1]")), "{bare:?}");
}
