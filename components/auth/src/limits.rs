//! The limits of attempts: what the operator allows, and whom an attempt counts for. The database counts.

use users_core::{CodeLimit, EmailKey, Limit, Limited, SessionId};
use users_crypto::LimitKeys;
use users_web::{Client, Exceeded, Problem, Variables};

/// The limits of the deployment, and the keys under which the database counts.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    keys: LimitKeys,
    password_failures: Option<Limit>,
    logins: Option<Limit>,
    registrations: Option<Limit>,
    forgotten: Option<Limit>,
    codes: Option<CodeLimit>,
}

/// A limit for one client or one address: the key of the row that counts the attempts, and the number that it allows. `None` without a
/// limit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counter {
    pub(crate) limited: Limited,
    pub(crate) limit: Option<Limit>,
    pub(crate) key: [u8; 32],
}

/// The limit of wrong passwords for an address of e-mail. The database knows from where its owner has logged in, and picks the key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PasswordCounter {
    /// The count of all client addresses together from which the owner has not logged in.
    pub(crate) shared: Counter,
    /// The key of the count of this client address, if the owner has logged in from it.
    pub(crate) own_key: [u8; 32],
    /// The client address, as a keyed hash to remember it by. `None` when it is not known: then the owner never has logged in from it.
    pub(crate) network: Option<[u8; 32]>,
}

impl Limits {
    /// Reads `limit_secret` and the variables of the limits.
    ///
    /// # Errors
    /// A defect of the deployment, as a problem whose cause names the variable.
    pub(crate) async fn read(variables: &impl Variables) -> Result<Self, Problem> {
        let secret = variables.get("limit_secret").await?;
        Ok(Self {
            keys: LimitKeys::new(secret.as_bytes()).map_err(Problem::internal)?,
            password_failures: read(variables, Limited::PasswordFailures).await?,
            logins: read(variables, Limited::Logins).await?,
            registrations: read(variables, Limited::Registrations).await?,
            forgotten: read(variables, Limited::Forgotten).await?,
            codes: CodeLimit::parse(&variables.get(CodeLimit::VARIABLE).await?).map_err(Problem::internal)?,
        })
    }

    /// The logins of a client.
    pub(crate) fn logins(&self, client: &Client) -> Counter {
        self.of_client(Limited::Logins, self.logins, client)
    }

    /// The logins by a passkey that a client begins. As many as logins, but with a count of their own: a page may ask for the options before
    /// the person has chosen how to log in.
    pub(crate) fn passkey_options(&self, client: &Client) -> Counter {
        let limited = Limited::Logins;
        Counter { limited, limit: self.logins, key: self.keys.key("passkey-options", &[&network(client)]) }
    }

    /// The registrations of a client.
    pub(crate) fn registrations(&self, client: &Client) -> Counter {
        self.of_client(Limited::Registrations, self.registrations, client)
    }

    /// The forgotten passwords of a client.
    pub(crate) fn forgotten(&self, client: &Client) -> Counter {
        self.of_client(Limited::Forgotten, self.forgotten, client)
    }

    fn of_client(&self, limited: Limited, limit: Option<Limit>, client: &Client) -> Counter {
        Counter { limited, limit, key: self.keys.key(limited.policy(), &[&network(client)]) }
    }

    /// The wrong passwords of a client for an address of e-mail, which may have no account.
    pub(crate) fn passwords(&self, email: &str, client: &Client) -> PasswordCounter {
        let limited = Limited::PasswordFailures;
        let email = EmailKey::of(email);
        let key = |whom: &[&str]| self.keys.key(limited.policy(), whom);
        PasswordCounter {
            shared: Counter { limited, limit: self.password_failures, key: key(&[email.as_str()]) },
            own_key: key(&[email.as_str(), &network(client)]),
            network: self.network(client),
        }
    }

    /// The limit of wrong passwords of an account, which also counts wrong factors.
    pub(crate) fn password_failures(&self) -> Option<Limit> {
        self.password_failures
    }

    /// The answer to a password or a factor that this limit refuses.
    pub(crate) fn too_many_failures(&self, retry_after: i32) -> Problem {
        exceeded(Limited::PasswordFailures, self.password_failures, retry_after)
    }

    /// The number of factors that may be wrong for a challenge, or in a row in a session. `None` without a limit.
    pub(crate) fn codes(&self) -> Option<i32> {
        self.codes.map(CodeLimit::count)
    }

    /// The key of the count of wrong factors in a session.
    pub(crate) fn codes_key(&self, session: SessionId) -> [u8; 32] {
        self.keys.key("codes", &[&session.to_string()])
    }

    /// In seconds: the time for which wrong factors count in a session. It is longer than a session may last.
    pub(crate) const CODES_SECONDS: i32 = 366 * 24 * 60 * 60;

    /// The keyed hash of a client's address, by which it is remembered.
    pub(crate) fn network(&self, client: &Client) -> Option<[u8; 32]> {
        client.address.map(|address| self.keys.key("known-address", &[&address.network()]))
    }
}

async fn read(variables: &impl Variables, limited: Limited) -> Result<Option<Limit>, Problem> {
    limited.parse(&variables.get(limited.variable()).await?).map_err(Problem::internal)
}

/// The network of a client. Clients whose address is not known share one, so that nobody passes a limit by hiding.
fn network(client: &Client) -> String {
    client.address.map(users_core::ClientAddress::network).unwrap_or_default()
}

impl Counter {
    /// The answer to a refused attempt. The next attempt is allowed after this many seconds.
    pub(crate) fn exceeded(&self, retry_after: i32) -> Problem {
        exceeded(self.limited, self.limit, retry_after)
    }
}

fn exceeded(limited: Limited, limit: Option<Limit>, retry_after: i32) -> Problem {
    let (quota, window) = limit.map_or((0, 0), |limit| (limit.count(), limit.seconds()));
    Exceeded { policy: limited.policy(), quota, window, retry_after }.into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::net::IpAddr;

    use super::*;

    async fn limits(name: &str, value: &str) -> Result<Limits, Problem> {
        let mut variables =
            BTreeMap::from([("limit_secret".to_owned(), "0123456789abcdef0123456789abcdef".to_owned())]);
        variables.extend(Limited::ALL.map(|limited| (limited.variable().to_owned(), "3/1m".to_owned())));
        variables.insert(CodeLimit::VARIABLE.to_owned(), "5".to_owned());
        variables.insert(name.to_owned(), value.to_owned());
        Limits::read(&variables).await
    }

    fn client(address: &str) -> Client {
        Client { address: address.parse::<IpAddr>().ok().map(Into::into), ..Client::default() }
    }

    #[tokio::test]
    async fn a_wrong_variable_is_named() {
        for (name, value) in [
            ("limit_secret", "short"),
            ("limit_password_failures", "ten"),
            ("limit_logins", "1/1m,5/1h"),
            ("limit_registrations", ""),
            ("limit_forgotten", "1001/1h"),
            ("limit_codes", "5/10m"),
        ] {
            let problem = limits(name, value).await.expect_err("a wrong value");
            assert!(problem.cause().is_some_and(|cause| cause.contains(name)), "{problem:?}");
        }
    }

    #[tokio::test]
    async fn each_limit_client_and_address_has_a_key_of_its_own() {
        let limits = limits("limit_forgotten", "0").await.unwrap();
        let [one, other] = ["192.0.2.1", "192.0.2.2"].map(client);
        let mut keys = vec![limits.network(&one).unwrap()];
        for client in [&one, &other] {
            keys.extend(
                [
                    limits.logins(client),
                    limits.passkey_options(client),
                    limits.registrations(client),
                    limits.forgotten(client),
                ]
                .map(|it| it.key),
            );
            keys.extend(
                ["a@example.com", "b@example.com"].map(|email| limits.passwords(email, client).own_key),
            );
        }
        keys.extend(["a@example.com", "b@example.com"].map(|email| limits.passwords(email, &one).shared.key));
        let distinct: std::collections::BTreeSet<_> = keys.iter().collect();
        assert_eq!(distinct.len(), keys.len());
    }

    #[tokio::test]
    async fn spellings_of_an_address_and_the_clients_of_a_network_count_together() {
        let limits = limits("limit_forgotten", "0").await.unwrap();
        let [one, other] = ["2001:db8::1", "2001:db8::ffff:2"].map(client);
        let keys = |email, client| {
            let counter = limits.passwords(email, client);
            (counter.shared.key, counter.own_key, counter.network)
        };
        assert_eq!(keys(" Ada@Example.com ", &one), keys("ada@example.com", &other));
        assert_eq!(limits.logins(&one).key, limits.logins(&other).key);
        assert!(limits.forgotten(&one).limit.is_none());
    }

    #[tokio::test]
    async fn clients_without_an_address_share_a_limit_and_are_never_known() {
        let limits = limits("limit_forgotten", "0").await.unwrap();
        let hidden = client("");
        assert_eq!(limits.passwords("a@example.com", &hidden).network, None);
        assert_ne!(limits.logins(&hidden).key, limits.logins(&client("192.0.2.1")).key);
    }
}
