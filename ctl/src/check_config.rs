//! `usersctl check-config`: tells before a start whether the service can run with these settings.

use clap::Args;
use sqlx::{PgConnection, Row};
use users_core::{
    AddressList, ApiUrl, ChainDomain, CodeLimit, DeniedWords, HashSlots, Lifetime, Limited, Origins,
    ProxyHeader, PublicUrl,
};
use users_crypto::{KeySecret, LimitKeys, TokenSecret, UnreadableKey, WeakPreviousKeySecret};
use users_passkeys::RelyingParty;
use users_worker::keys::{self, RotateError};

use crate::database::{self, DatabaseArgs};
use crate::migrate::{self, RoleArgs};

/// `usersctl check-config …`
#[derive(Args)]
pub(crate) struct CheckConfig {
    #[arg(long, hide = true, env = "SPIN_VARIABLE_KEY_SECRET", hide_env_values = true)]
    key_secret: Option<String>,
    #[arg(
        long,
        hide = true,
        env = "SPIN_VARIABLE_KEY_SECRET_PREVIOUS",
        hide_env_values = true,
        default_value = ""
    )]
    key_secret_previous: String,
    #[arg(long, hide = true, env = "SPIN_VARIABLE_JWT_SECRET", hide_env_values = true, default_value = "")]
    jwt_secret: String,
    #[arg(
        long,
        hide = true,
        env = "SPIN_VARIABLE_JWT_SECRET_PREVIOUS",
        hide_env_values = true,
        default_value = ""
    )]
    jwt_secret_previous: String,
    #[arg(long, hide = true, env = "SPIN_VARIABLE_LIMIT_SECRET", hide_env_values = true)]
    limit_secret: Option<String>,
    #[arg(long, hide = true, env = "SPIN_VARIABLE_PUBLIC_URL", default_value = "http://127.0.0.1:3000")]
    public_url: String,
    #[arg(long, hide = true, env = "SPIN_VARIABLE_REGISTRATION", default_value = "open")]
    registration: String,
    #[arg(long, hide = true, env = "SPIN_VARIABLE_REQUIRE_VERIFIED_EMAIL", default_value = "false")]
    require_verified_email: String,
    #[arg(long, hide = true, env = "SPIN_VARIABLE_WEBAUTHN_RP_ID", default_value = "")]
    webauthn_rp_id: String,
    #[arg(long, hide = true, env = "SPIN_VARIABLE_WEBAUTHN_ORIGINS", default_value = "")]
    webauthn_origins: String,
    #[arg(long, hide = true, env = "SPIN_VARIABLE_LOG_QUERIES", default_value = "false")]
    log_queries: String,
    #[arg(long, hide = true, env = "SPIN_VARIABLE_DENIED_WORDS", default_value = "")]
    denied_words: String,
    #[arg(long, hide = true, env = "SPIN_VARIABLE_HASH_SLOTS", default_value = "4")]
    hash_slots: String,
    #[command(flatten)]
    roles: RoleArgs,
    #[command(flatten)]
    lifetimes: LifetimeArgs,
    #[command(flatten)]
    surroundings: SurroundingsArgs,
    #[command(flatten)]
    console: ConsoleArgs,
    #[command(flatten)]
    limits: LimitArgs,
}

/// The variables that say whom the service answers. Those that are not set have their defaults, which are good.
#[derive(Default, Args)]
struct SurroundingsArgs {
    #[arg(long, hide = true, env = "SPIN_VARIABLE_TRUSTED_PROXIES")]
    trusted_proxies: Option<String>,
    #[arg(long, hide = true, env = "SPIN_VARIABLE_PROXY_HEADER")]
    proxy_header: Option<String>,
    #[arg(long, hide = true, env = "SPIN_VARIABLE_CORS_ORIGINS")]
    cors_origins: Option<String>,
    #[arg(long, hide = true, env = "SPIN_VARIABLE_BLOCKED_ADDRESSES")]
    blocked_addresses: Option<String>,
    #[arg(long, hide = true, env = "SPIN_VARIABLE_ADMIN_ADDRESSES")]
    admin_addresses: Option<String>,
}

impl SurroundingsArgs {
    /// A check for each that is set.
    fn check(&self) -> Vec<Check> {
        let lists = [&self.trusted_proxies, &self.blocked_addresses, &self.admin_addresses];
        let lists = AddressList::VARIABLES.into_iter().zip(lists).filter_map(|(name, text)| {
            let text = text.as_ref()?;
            Some(usable(name, text, AddressList::parse(text).err()))
        });
        let origins = self.cors_origins.iter();
        let origins = origins.map(|text| usable(Origins::VARIABLE, text, Origins::parse(text).err()));
        let header = self.proxy_header.iter().map(|text| match text.parse::<ProxyHeader>() {
            Ok(header) => Ok(format!("{} is {}", ProxyHeader::VARIABLE, header.name())),
            Err(error) => Err(error.to_string()),
        });
        lists.chain(origins).chain(header).collect()
    }
}

/// The variables that say where the pages reach the API. Those that are not set have their defaults, which are good.
#[derive(Default, Args)]
struct ConsoleArgs {
    #[arg(long, hide = true, env = "SPIN_VARIABLE_CHAIN_DOMAIN")]
    chain_domain: Option<String>,
    #[arg(long, hide = true, env = "SPIN_VARIABLE_API_URL")]
    api_url: Option<String>,
}

impl ConsoleArgs {
    /// A check for each that is set.
    fn check(&self) -> Vec<Check> {
        let chain_domain = self.chain_domain.iter().map(|text| match ChainDomain::parse(text) {
            Ok(_) => Ok(format!("{} is {text}", ChainDomain::VARIABLE)),
            Err(error) => Err(error.to_string()),
        });
        let api_url = self.api_url.iter().map(|text| match ApiUrl::parse(text) {
            // Spin 4.0 then refuses the list of hosts that the console may call.
            Ok(_) if text.trim().is_empty() => {
                Err(format!("{} is empty: leave it out, or set it to {}", ApiUrl::VARIABLE, ApiUrl::NONE))
            }
            Ok(url) => Ok(format!("{} is {}", ApiUrl::VARIABLE, url.as_str().unwrap_or(ApiUrl::NONE))),
            Err(error) => Err(error.to_string()),
        });
        chain_domain.chain(api_url).collect()
    }
}

/// A list that can be used, or the reason why not, as the service writes it to its log.
fn usable(name: &str, text: &str, error: Option<impl std::fmt::Display>) -> Check {
    match error {
        Some(error) => Err(format!("the variable {name} cannot be used: {error}")),
        None if text.trim().is_empty() => Ok(format!("{name} is empty")),
        None => Ok(format!("{name} is {text}")),
    }
}

/// The limits that are set; the others have their defaults.
#[derive(Default, Args)]
struct LimitArgs {
    #[arg(long, hide = true, env = "SPIN_VARIABLE_LIMIT_PASSWORD_FAILURES")]
    limit_password_failures: Option<String>,
    #[arg(long, hide = true, env = "SPIN_VARIABLE_LIMIT_LOGINS")]
    limit_logins: Option<String>,
    #[arg(long, hide = true, env = "SPIN_VARIABLE_LIMIT_REGISTRATIONS")]
    limit_registrations: Option<String>,
    #[arg(long, hide = true, env = "SPIN_VARIABLE_LIMIT_FORGOTTEN")]
    limit_forgotten: Option<String>,
    #[arg(long, hide = true, env = "SPIN_VARIABLE_LIMIT_CODES")]
    limit_codes: Option<String>,
}

impl LimitArgs {
    /// A check for each that is set.
    fn check(&self) -> Vec<Check> {
        let check = |limited: Limited| {
            let text = match limited {
                Limited::PasswordFailures => &self.limit_password_failures,
                Limited::Logins => &self.limit_logins,
                Limited::Registrations => &self.limit_registrations,
                Limited::Forgotten => &self.limit_forgotten,
            };
            let text = text.as_ref()?;
            let checked = limited.parse(text).map_err(|error| error.to_string());
            Some(checked.map(|_| format!("{} is {text}", limited.variable())))
        };
        let codes = self.limit_codes.as_ref().map(|text| {
            let checked = CodeLimit::parse(text).map_err(|error| error.to_string());
            checked.map(|_| format!("{} is {text}", CodeLimit::VARIABLE))
        });
        Limited::ALL.into_iter().filter_map(check).chain(codes).collect()
    }
}

/// The lifetimes that are set; the others have their defaults.
#[derive(Default, Args)]
struct LifetimeArgs {
    #[arg(long, hide = true, env = "SPIN_VARIABLE_ACCESS_TOKEN_LIFETIME")]
    access_token_lifetime: Option<String>,
    #[arg(long, hide = true, env = "SPIN_VARIABLE_SESSION_IDLE_LIFETIME")]
    session_idle_lifetime: Option<String>,
    #[arg(long, hide = true, env = "SPIN_VARIABLE_SESSION_LIFETIME")]
    session_lifetime: Option<String>,
}

impl LifetimeArgs {
    /// A check for each lifetime that is set.
    fn check(&self) -> Vec<Check> {
        let check = |lifetime: Lifetime| {
            let text = match lifetime {
                Lifetime::AccessToken => &self.access_token_lifetime,
                Lifetime::SessionIdle => &self.session_idle_lifetime,
                Lifetime::Session => &self.session_lifetime,
            };
            let text = text.as_ref()?;
            let checked = lifetime.parse(text).map_err(|error| error.to_string());
            Some(checked.map(|_| format!("{} is {text}", lifetime.variable())))
        };
        Lifetime::ALL.into_iter().filter_map(check).collect()
    }
}

/// Shows no secret.
impl std::fmt::Debug for CheckConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CheckConfig").finish_non_exhaustive()
    }
}

/// The outcome of one check: what is good, or what is wrong and how to mend it.
pub(crate) type Check = Result<String, String>;

/// Makes all checks, and prints a line for each.
///
/// # Errors
/// When a check fails.
pub(crate) async fn run(command: &CheckConfig, database: &DatabaseArgs) -> anyhow::Result<()> {
    let mut checks = command.check();
    checks.extend(database.check());
    match database.connect().await {
        Ok(mut connection) => {
            checks.push(Ok("Postgres accepts the role and its password".to_owned()));
            checks.extend(database.check_logins(&command.roles).await);
            checks.extend(check_server(&mut connection).await);
            if let Some(secret) =
                command.key_secret.as_ref().and_then(|it| KeySecret::new(it.as_bytes()).ok())
            {
                checks.extend(opens_the_signing_key(&mut connection, &secret).await);
            }
        }
        Err(error) => checks.push(Err(error.to_string())),
    }
    for check in &checks {
        match check {
            Ok(text) => println!("ok      {text}"),
            Err(text) => println!("failed  {text}"),
        }
    }
    match checks.iter().filter(|check| check.is_err()).count() {
        0 => Ok(()),
        failed => anyhow::bail!("{failed} of {} checks failed", checks.len()),
    }
}

impl CheckConfig {
    /// Checks the variables, except those of the database.
    fn check(&self) -> Vec<Check> {
        let mut checks = vec![
            match &self.key_secret {
                None => Err("key_secret is not set, and Spin does not start without it".to_owned()),
                Some(secret) => KeySecret::new(secret.as_bytes())
                    .map(|_| "key_secret is long enough".to_owned())
                    .map_err(|weak| weak.to_string()),
            },
            previous_key_secret(&self.key_secret_previous),
            match TokenSecret::current(self.jwt_secret.as_bytes()) {
                Ok(None) => Ok("jwt_secret is empty, so keys sign access tokens".to_owned()),
                Ok(Some(_)) => {
                    Ok("jwt_secret is long enough, and signs access tokens in place of keys".to_owned())
                }
                Err(weak) => Err(weak.to_string()),
            },
            match TokenSecret::previous(self.jwt_secret_previous.as_bytes()) {
                Ok(None) => Ok("jwt_secret_previous is empty".to_owned()),
                Ok(Some(_)) => Ok("jwt_secret_previous is long enough".to_owned()),
                Err(weak) => Err(weak.to_string()),
            },
            PublicUrl::parse(&self.public_url)
                .map(|url| format!("{} is {}", PublicUrl::VARIABLE, url.as_str()))
                .map_err(|error| error.to_string()),
            match &self.limit_secret {
                None => Err("limit_secret is not set, and Spin does not start without it".to_owned()),
                Some(secret) => LimitKeys::new(secret.as_bytes())
                    .map(|_| "limit_secret is long enough".to_owned())
                    .map_err(|weak| weak.to_string()),
            },
            one_of("registration", &self.registration, ["open", "closed"]),
            one_of("require_verified_email", &self.require_verified_email, ["true", "false"]),
            one_of("log_queries", &self.log_queries, ["true", "false"]),
            denied_words(&self.denied_words),
            HashSlots::parse(&self.hash_slots)
                .map(|slots| format!("hash_slots is {}", slots.get()))
                .map_err(|error| error.to_string()),
        ];
        checks.extend(self.passkeys());
        checks.extend(self.lifetimes.check());
        checks.extend(self.surroundings.check());
        checks.extend(self.console.check());
        checks.extend(self.limits.check());
        checks
    }
}

impl CheckConfig {
    /// Checks where passkeys work. Without a good `public_url`, another check fails.
    fn passkeys(&self) -> Option<Check> {
        let public_url = PublicUrl::parse(&self.public_url).ok()?;
        let relying_party =
            RelyingParty::parse("users", &self.webauthn_rp_id, &self.webauthn_origins, &public_url);
        Some(match relying_party {
            Ok(it) if it.works_in_browsers() => {
                Ok(format!("passkeys are for {}, on pages of {}", it.id(), it.origins().join(", ")))
            }
            Ok(it) => Ok(format!("browsers have no passkeys for {}: they need a name and https", it.id())),
            Err(error) => Err(error.to_string()),
        })
    }
}

/// Checks that the secret is the one with which the signing key is encrypted. No check before there is a table of keys.
async fn opens_the_signing_key(connection: &mut PgConnection, secret: &KeySecret) -> Option<Check> {
    match keys::check_secret(connection, secret).await {
        Ok(()) => Some(Ok("key_secret opens the signing key, if there is one".to_owned())),
        Err(RotateError::OtherSecret(_)) => Some(Err(UnreadableKey.to_string())),
        Err(RotateError::Database(error)) if lacks_the_keys(&error) => None,
        Err(RotateError::Database(error)) => Some(Err(database::explain(error).to_string())),
    }
}

/// The schema is older than the keys: there is no such function (42883) or no such table (42P01).
fn lacks_the_keys(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| ["42883", "42P01"].contains(&code.as_ref()))
}

/// The secret that `key_secret` replaced, if there is one.
fn previous_key_secret(secret: &str) -> Check {
    if secret.is_empty() {
        return Ok("key_secret_previous is empty".to_owned());
    }
    KeySecret::new(secret.as_bytes())
        .map(|_| "key_secret_previous is long enough".to_owned())
        .map_err(|_| WeakPreviousKeySecret.to_string())
}

/// The words that no password may contain.
fn denied_words(text: &str) -> Check {
    match text.parse::<DeniedWords>() {
        Ok(words) => Ok(format!("denied_words has {} words", words.iter().count())),
        Err(error) => Err(error.to_string()),
    }
}

/// Checks a variable that has one of two values.
fn one_of(name: &str, value: &str, [one, other]: [&str; 2]) -> Check {
    if [one, other].contains(&value) {
        Ok(format!("{name} is {value}"))
    } else {
        Err(format!("{name} must be {one} or {other}"))
    }
}

/// Checks the server, the database and its schema.
async fn check_server(connection: &mut PgConnection) -> Vec<Check> {
    let mut checks = match server(connection).await {
        Ok(checks) => checks,
        Err(error) => vec![Err(database::explain(error).to_string())],
    };
    checks.push(match migrate::state(connection).await {
        Ok(state) if state.pending > 0 => {
            Err(format!("{} migrations are missing: run `usersctl migrate upgrade`", state.pending))
        }
        Ok(state) => Ok(format!("the schema is at {:04}", state.version)),
        Err(error) => Err(error.to_string()),
    });
    checks
}

async fn server(connection: &mut PgConnection) -> sqlx::Result<Vec<Check>> {
    let row = sqlx::query(
        "SELECT pg_is_in_recovery() AS is_standby,
                current_setting('transaction_read_only')::bool AS is_read_only,
                current_setting('server_encoding') AS encoding",
    )
    .fetch_one(connection)
    .await?;
    let encoding: String = row.try_get("encoding")?;
    Ok(vec![
        if row.try_get("is_standby")? {
            Err("the server is a standby, which is read-only: name the primary".to_owned())
        } else if row.try_get("is_read_only")? {
            Err("the database is read-only: switch default_transaction_read_only off".to_owned())
        } else {
            Ok("the database accepts changes".to_owned())
        },
        if encoding == "UTF8" {
            Ok("the encoding is UTF8".to_owned())
        } else {
            Err(format!(
                "the encoding is {encoding}: create the database again with ENCODING 'UTF8' TEMPLATE template0"
            ))
        },
    ])
}

#[cfg(test)]
mod tests {
    use super::{CheckConfig, ConsoleArgs, LifetimeArgs, LimitArgs, RoleArgs, SurroundingsArgs};

    const LONG: &str = "0123456789abcdef0123456789abcdef";

    fn command(secret: &str, previous: &str) -> CheckConfig {
        CheckConfig {
            key_secret: Some(LONG.to_owned()),
            key_secret_previous: String::new(),
            jwt_secret: secret.to_owned(),
            jwt_secret_previous: previous.to_owned(),
            limit_secret: Some(LONG.to_owned()),
            public_url: "https://users.example.com".to_owned(),
            registration: "open".to_owned(),
            require_verified_email: "false".to_owned(),
            webauthn_rp_id: String::new(),
            webauthn_origins: String::new(),
            log_queries: "false".to_owned(),
            denied_words: String::new(),
            hash_slots: "4".to_owned(),
            roles: RoleArgs::with_prefix("users"),
            lifetimes: LifetimeArgs::default(),
            surroundings: SurroundingsArgs::default(),
            console: ConsoleArgs::default(),
            limits: LimitArgs::default(),
        }
    }

    /// The texts of the checks that fail.
    fn failed(command: &CheckConfig) -> Vec<String> {
        command.check().into_iter().filter_map(Result::err).collect()
    }

    #[test]
    fn secrets_need_32_bytes() {
        for (secret, previous) in [("", ""), (LONG, ""), (LONG, LONG), ("", LONG)] {
            assert_eq!(failed(&command(secret, previous)), [""; 0]);
        }
        for (secret, previous) in [(&LONG[1..], ""), (LONG, "short"), ("", "short")] {
            let failed = failed(&command(secret, previous));
            assert!(matches!(&failed[..], [one] if one.contains("jwt_secret")), "{failed:?}");
        }
    }

    #[test]
    fn the_secret_of_the_keys_needs_32_bytes() {
        for (secret, word) in [(Some(&LONG[1..]), "32 bytes"), (Some(""), "32 bytes"), (None, "not set")] {
            let command = CheckConfig { key_secret: secret.map(str::to_owned), ..command("", "") };
            let failed = failed(&command);
            assert!(
                matches!(&failed[..], [one] if one.contains("key_secret") && one.contains(word)),
                "{failed:?}"
            );
        }
    }

    #[test]
    fn the_secret_before_it_may_be_empty_and_needs_32_bytes_otherwise() {
        let with =
            |previous: &str| CheckConfig { key_secret_previous: previous.to_owned(), ..command("", "") };
        for good in ["", LONG] {
            assert_eq!(failed(&with(good)), [""; 0]);
        }
        let failed = failed(&with(&LONG[1..]));
        assert!(
            matches!(&failed[..], [one] if one.starts_with("key_secret_previous has fewer than 32 bytes")),
            "{failed:?}"
        );
    }

    #[test]
    fn the_public_url_is_one_of_the_web() {
        for url in ["", "users.example.com", "https://u:p@users.example.com", "https://users.example.com?a"] {
            let failed = failed(&CheckConfig { public_url: url.to_owned(), ..command("", "") });
            assert!(matches!(&failed[..], [one] if one.starts_with("public_url ")), "{url}: {failed:?}");
        }
    }

    #[test]
    fn the_domain_of_passkeys_fits_their_pages() {
        let with = |rp_id: &str, origins: &str| CheckConfig {
            webauthn_rp_id: rp_id.to_owned(),
            webauthn_origins: origins.to_owned(),
            ..command("", "")
        };
        let told = "passkeys are for example.com, on pages of https://users.example.com";
        assert!(with("example.com", "").check().contains(&Ok(told.to_owned())));
        for (rp_id, origins, name) in [
            ("example.org", "", "webauthn_rp_id"),
            ("", "*", "webauthn_origins"),
            ("", "http://users.example.com", "webauthn_origins"),
        ] {
            let failed = failed(&with(rp_id, origins));
            assert!(matches!(&failed[..], [one] if one.contains(name)), "{failed:?}");
        }
        let local = CheckConfig { public_url: "http://127.0.0.1:3000".to_owned(), ..command("", "") };
        let told = "browsers have no passkeys for 127.0.0.1: they need a name and https";
        assert!(local.check().contains(&Ok(told.to_owned())));
    }

    #[test]
    fn the_secret_of_the_limits_needs_32_bytes() {
        for (secret, word) in [(Some(&LONG[1..]), "32 bytes"), (Some(""), "32 bytes"), (None, "not set")] {
            let command = CheckConfig { limit_secret: secret.map(str::to_owned), ..command("", "") };
            let failed = failed(&command);
            assert!(
                matches!(&failed[..], [one] if one.contains("limit_secret") && one.contains(word)),
                "{failed:?}"
            );
        }
    }

    #[test]
    fn limits_that_are_set_are_checked() {
        let limits = LimitArgs {
            limit_logins: Some("5".to_owned()),
            limit_forgotten: Some("0".to_owned()),
            ..LimitArgs::default()
        };
        let [Err(refused), Ok(good)] = &limits.check()[..] else { panic!("expected two checks") };
        assert!(refused.contains("limit_logins"), "{refused}");
        assert_eq!(good, "limit_forgotten is 0");
    }

    #[test]
    fn lifetimes_that_are_set_are_checked() {
        let lifetimes = LifetimeArgs {
            access_token_lifetime: Some("2d".to_owned()),
            session_idle_lifetime: Some("7d".to_owned()),
            session_lifetime: None,
        };
        let [Err(refused), Ok(good)] = &lifetimes.check()[..] else { panic!("expected two checks") };
        assert!(refused.contains("access_token_lifetime"), "{refused}");
        assert_eq!(good, "session_idle_lifetime is 7d");
    }

    #[test]
    fn where_the_pages_reach_the_api_is_checked_if_it_is_set() {
        let args = |chain_domain: &str, api_url: &str| ConsoleArgs {
            chain_domain: Some(chain_domain.to_owned()),
            api_url: Some(api_url.to_owned()),
        };
        let told: Vec<String> =
            args("spin.internal", "http://users.example/").check().into_iter().map(Result::unwrap).collect();
        assert_eq!(told, ["chain_domain is spin.internal", "api_url is http://users.example"]);
        for bad in [args("a b", "users.example"), args("", ""), args("x/", "http://users.example/api")] {
            let told: Vec<String> = bad.check().into_iter().filter_map(Result::err).collect();
            assert!(
                matches!(&told[..], [one, other] if one.starts_with("chain_domain ") && other.starts_with("api_url ")),
                "{told:?}"
            );
        }
        assert!(ConsoleArgs::default().check().is_empty());
    }

    #[test]
    fn what_surrounds_the_service_is_checked_if_it_is_set() {
        let some = |text: &str| Some(text.to_owned());
        let good = SurroundingsArgs {
            trusted_proxies: some("10.0.0.0/8, 2001:db8::1"),
            proxy_header: some("Forwarded"),
            cors_origins: some("https://app.example.com"),
            blocked_addresses: some(""),
            admin_addresses: None,
        };
        let told: Vec<String> = good.check().into_iter().map(Result::unwrap).collect();
        assert_eq!(
            told,
            [
                "trusted_proxies is 10.0.0.0/8, 2001:db8::1",
                "blocked_addresses is empty",
                "cors_origins is https://app.example.com",
                "proxy_header is forwarded",
            ]
        );
        let bad = SurroundingsArgs {
            trusted_proxies: some("ingress"),
            proxy_header: some("x-real-ip"),
            cors_origins: some("https://app.example.com/"),
            blocked_addresses: some("10.0.0.1/8"),
            admin_addresses: some("office"),
        };
        let told: Vec<String> = bad.check().into_iter().filter_map(Result::err).collect();
        assert_eq!(told.len(), 5, "{told:?}");
        for name in
            ["trusted_proxies", "proxy_header", "cors_origins", "blocked_addresses", "admin_addresses"]
        {
            let named = format!("the variable {name} ");
            assert!(told.iter().any(|text| text.starts_with(&named)), "{name}: {told:?}");
        }
    }

    #[test]
    fn a_variable_with_two_values_has_one_of_them() {
        let good = || command("", "");
        let closed = CheckConfig { registration: "closed".to_owned(), ..good() };
        let strict = CheckConfig { require_verified_email: "true".to_owned(), ..good() };
        let verbose = CheckConfig { log_queries: "true".to_owned(), ..good() };
        for command in [closed, strict, verbose] {
            assert_eq!(failed(&command), [""; 0]);
        }
        let odd = || "yes".to_owned();
        for (command, text) in [
            (CheckConfig { registration: odd(), ..good() }, "registration must be open or closed"),
            (
                CheckConfig { require_verified_email: odd(), ..good() },
                "require_verified_email must be true or false",
            ),
            (CheckConfig { log_queries: odd(), ..good() }, "log_queries must be true or false"),
        ] {
            assert_eq!(failed(&command), [text]);
        }
    }

    #[test]
    fn denied_words_are_counted_and_a_short_one_is_refused() {
        let with = |words: &str| CheckConfig { denied_words: words.to_owned(), ..command("", "") };
        assert!(with("acme, globex").check().contains(&Ok("denied_words has 2 words".to_owned())));
        let failed = failed(&with("acme,x"));
        assert!(matches!(&failed[..], [one] if one.starts_with("the variable denied_words")), "{failed:?}");
    }

    #[test]
    fn a_secret_is_not_shown() {
        let command = command("hunter2", "hunter3");
        let shown = format!("{command:?} {:?}", command.check());
        assert!(!shown.contains("hunter"), "{shown}");
    }
}
