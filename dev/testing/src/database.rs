//! A test's database, with the settings for a component and signed-in accounts.

use std::collections::BTreeMap;
use std::ops::Deref;

use test_database::Server;
use users_core::{Authentication, Lifetime, Random, SessionId, UserId};
use users_crypto::{Holder, KeySecret, OsRandom, SigningKey, TokenIssuer, TokenKey};

const KEY_SECRET: &str = "a secret of keys that only tests have";
const PUBLIC_URL: &str = "https://users.example.com";
const JWT_AUDIENCE: &str = "users-api";

/// The database of one test, with the newest schema. Dropping the value drops the database.
#[derive(Debug)]
pub struct TestDatabase(test_database::TestDatabase);

impl TestDatabase {
    /// Creates a database on the server that `cargo xtask test` started.
    ///
    /// # Panics
    /// When the tests were not started by `cargo xtask test`.
    pub async fn create() -> Self {
        Self(test_database::TestDatabase::migrated(Server::of_this_run()).await)
    }

    /// The variables of this component on this database, with its own role. In production, `spin.toml` sets them.
    #[must_use]
    pub fn component_of(&self, name: &str) -> BTreeMap<String, String> {
        let variables: BTreeMap<String, String> = self.component_variables().into_iter().collect();
        let value = |part: &str| variables.get(&format!("{part}_{name}")).cloned().unwrap_or_default();
        let role = format!("user={} password={}", value("db_user"), value("db_password"));
        let mut component = self.component();
        component.insert("db_role".to_owned(), role);
        component
    }

    /// The variables of a component on this database, with the role for all.
    #[must_use]
    pub fn component(&self) -> BTreeMap<String, String> {
        let variables = self.variables();
        let value = |name: &str| {
            let found = variables.iter().find(|(it, _)| it == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let address = format!(
            "host={} port={} dbname={} user={} sslmode=disable password={}",
            value("db_host"),
            value("db_port"),
            value("db_name"),
            value("db_user"),
            value("db_password"),
        );
        let variables = [
            ("db_address", address.as_str()),
            ("db_role", "user= password="),
            ("log_queries", "false"),
            ("public_url", PUBLIC_URL),
            ("key_secret", KEY_SECRET),
            ("key_secret_previous", ""),
            ("jwt_secret", ""),
            ("jwt_secret_previous", ""),
            ("jwt_issuer", ""),
            ("jwt_audience", JWT_AUDIENCE),
            ("registration", "open"),
            ("require_verified_email", "false"),
            ("webauthn_rp_id", ""),
            ("webauthn_origins", ""),
            ("access_token_lifetime", "15m"),
            ("session_idle_lifetime", "30d"),
            ("session_lifetime", "90d"),
            ("limit_secret", "a secret of limits that only tests have"),
            ("limit_password_failures", "0"),
            ("limit_logins", "0"),
            ("limit_registrations", "0"),
            ("limit_forgotten", "0"),
            ("limit_codes", "0"),
            ("hash_slots", "4"),
            ("denied_words", ""),
            ("trusted_proxies", ""),
            ("proxy_header", "x-forwarded-for"),
            ("cors_origins", ""),
            ("blocked_addresses", ""),
            ("admin_addresses", ""),
        ];
        variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }

    /// Creates an account with a session, and returns an access token of that session. Most components have no login. The key that signs the
    /// token is always the same, and `auth` signs with it, too, if there is no other.
    ///
    /// # Panics
    /// When Postgres reports an error.
    pub async fn sign_in(&self, email: &str, is_admin: bool) -> (UserId, String) {
        let key = SigningKey::generate(&Constant);
        let secret = KeySecret::new(KEY_SECRET.as_bytes()).expect("a long secret");
        let row = self
            .connect()
            .await
            .query_one(
                "WITH key AS (
                     INSERT INTO signing_keys (kid, public_key, sealed_key, signs_from) VALUES ($3, $4, $5, now())
                     ON CONFLICT DO NOTHING
                 ), account AS (
                     INSERT INTO users (email, password_hash, is_admin) VALUES ($1, '!', $2) RETURNING id
                 )
                 INSERT INTO sessions (user_id, expires_at) SELECT id, now() + interval '1 day' FROM account
                 RETURNING user_id, id, floor(extract(epoch FROM now()))::int8",
                &[
                    &email,
                    &is_admin,
                    &key.kid(),
                    &key.public_key().octets().as_slice(),
                    &key.seal(&secret, &OsRandom),
                ],
            )
            .await
            .expect("Postgres accepts the account");
        let user = UserId::try_from(row.get::<_, i32>(0)).expect("a positive id");
        let session = SessionId::try_from(row.get::<_, i64>(1)).expect("a positive id");
        let issuer = TokenIssuer::new(PUBLIC_URL, JWT_AUDIENCE);
        let key = TokenKey::Private(&key);
        let now = row.get(2);
        let authentication = Authentication::by_password(now);
        let holder = Holder { user, session, authentication: &authentication };
        let token = issuer.issue(key, holder, now, Lifetime::AccessToken.default(), &OsRandom);
        (user, token.expect("a token"))
    }

    /// The number of rows that a query returns.
    ///
    /// # Panics
    /// When Postgres reports an error.
    pub async fn count(&self, query: &str) -> usize {
        self.sql(query).await.len()
    }
}

/// Makes the same key in every test.
struct Constant;

impl Random for Constant {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(7);
    }
}

impl Deref for TestDatabase {
    type Target = test_database::TestDatabase;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}
