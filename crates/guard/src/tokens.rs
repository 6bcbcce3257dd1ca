//! The verification of access tokens, with the keys that the database knows.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use users_core::{SessionId, UserId};
use users_crypto::{Claims, InvalidToken, NamedKey, PresentedToken, PublicKey, TokenVerifier};

/// Verifies tokens. It remembers keys, and which tokens it has verified: a signature cannot change. The session, the account and the key
/// are read from the database for every request all the same, so a key that is revoked verifies nothing from the next request on.
pub(crate) struct Tokens {
    verifier: TokenVerifier,
    remembered: Mutex<Remembered>,
}

/// Nothing here belongs to a request (docs/ARCHITECTURE.md#invariants, 8). It holds digests of tokens, and no tokens.
#[derive(Default)]
struct Remembered {
    /// By their names.
    keys: BTreeMap<String, Arc<NamedKey>>,
    /// Tokens that were verified, by their SHA-256.
    tokens: BTreeMap<[u8; 32], Verified>,
}

/// The signature of a token is right.
#[derive(Debug, Clone)]
struct Verified {
    claims: Claims,
    /// The key that verified it; `None` for a secret.
    key: Option<Arc<NamedKey>>,
}

/// A token about which the database is to be asked.
#[derive(Debug)]
pub(crate) struct Pending<'a> {
    digest: [u8; 32],
    state: State<'a>,
}

#[derive(Debug)]
enum State<'a> {
    /// This instance has verified it before.
    Known(Verified),
    /// This instance has verified it just now.
    Fresh(Verified),
    /// This instance does not know the key. Nothing in the token is verified.
    Unverified(PresentedToken<'a>),
}

impl Pending<'_> {
    pub(crate) fn user(&self) -> UserId {
        match &self.state {
            State::Known(verified) | State::Fresh(verified) => verified.claims.user,
            State::Unverified(token) => token.user(),
        }
    }

    pub(crate) fn session(&self) -> SessionId {
        match &self.state {
            State::Known(verified) | State::Fresh(verified) => verified.claims.session,
            State::Unverified(token) => token.session(),
        }
    }

    /// The key that the token names; `None` for a token that a secret has verified.
    pub(crate) fn kid(&self) -> Option<&str> {
        match &self.state {
            State::Known(verified) | State::Fresh(verified) => verified.key.as_ref().map(|key| key.kid()),
            State::Unverified(token) => token.kid(),
        }
    }
}

impl Tokens {
    /// The most keys that are remembered. The service has two or three.
    const MOST_KEYS: usize = 16;
    /// The most tokens that are remembered.
    const MOST_TOKENS: usize = 1024;

    pub(crate) fn new(verifier: TokenVerifier) -> Self {
        Self { verifier, remembered: Mutex::default() }
    }

    /// Verifies a token as far as possible without the database. A forged token costs no statement, unless it names a key that this instance
    /// does not know.
    ///
    /// # Errors
    /// [`InvalidToken`]
    pub(crate) fn begin<'a>(&self, token: &'a str) -> Result<Pending<'a>, InvalidToken> {
        let digest = PresentedToken::digest(token);
        if let Some(verified) = self.remembered().tokens.get(&digest) {
            return Ok(Pending { digest, state: State::Known(verified.clone()) });
        }
        let token = PresentedToken::read(token)?;
        let key = token.kid().map(|kid| self.remembered().keys.get(kid).cloned());
        let state = match key {
            Some(None) => State::Unverified(token),
            Some(Some(key)) => {
                let claims = self.verifier.verify(&token, Some(&key))?;
                State::Fresh(Verified { claims, key: Some(key) })
            }
            None => State::Fresh(Verified { claims: self.verifier.verify(&token, None)?, key: None }),
        };
        Ok(Pending { digest, state })
    }

    /// The claims of a token, now that the database has answered: the public key in base64 if the key still counts, and the time, in seconds
    /// since 1970.
    ///
    /// # Errors
    /// [`InvalidToken`]: the key is unknown, revoked or another one, or it did not sign the token.
    pub(crate) fn settle(
        &self,
        pending: Pending<'_>,
        key: Option<&str>,
        now: i64,
    ) -> Result<Claims, InvalidToken> {
        let (verified, is_known) = match pending.state {
            State::Known(verified) => (verified, true),
            State::Fresh(verified) => (verified, false),
            State::Unverified(token) => (self.verified(&token, key)?, false),
        };
        if let Some(used) = &verified.key
            && !key.is_some_and(|key| used.public_key().is_base64(key))
        {
            self.remembered().keys.remove(used.kid());
            return Err(InvalidToken);
        }
        let claims = verified.claims;
        if !is_known {
            self.remembered().add_token(pending.digest, verified, now);
        }
        Ok(claims)
    }

    /// Verifies a token with the key that the database has under the name that the token gives.
    fn verified(&self, token: &PresentedToken<'_>, key: Option<&str>) -> Result<Verified, InvalidToken> {
        let key = NamedKey::from(key.and_then(PublicKey::from_base64).ok_or(InvalidToken)?);
        let claims = self.verifier.verify(token, Some(&key))?;
        let key = Arc::new(key);
        self.remembered().add_key(Arc::clone(&key));
        Ok(Verified { claims, key: Some(key) })
    }

    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Remembered {
    fn add_key(&mut self, key: Arc<NamedKey>) {
        if self.keys.len() >= Tokens::MOST_KEYS {
            self.keys.clear();
        }
        self.keys.insert(key.kid().to_owned(), key);
    }

    fn add_token(&mut self, digest: [u8; 32], verified: Verified, now: i64) {
        if self.tokens.len() >= Tokens::MOST_TOKENS {
            self.tokens.retain(|_, verified| !verified.claims.has_expired(now));
        }
        if self.tokens.len() >= Tokens::MOST_TOKENS {
            // Any of them: nobody chooses a digest.
            self.tokens.pop_first();
        }
        self.tokens.insert(digest, verified);
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("verifier", &self.verifier).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use users_core::Authentication;
    use users_crypto::{Holder, OsRandom, SigningKey, TokenIssuer, TokenKey, TokenSecret};

    use super::*;

    const NOW: i64 = 1_780_000_000;
    const LIFETIME: Duration = Duration::from_secs(900);

    fn secret() -> TokenSecret {
        TokenSecret::current(&[b'x'; 32]).unwrap().unwrap()
    }

    fn tokens() -> Tokens {
        Tokens::new(TokenVerifier::new(&["users"], "users-api").accepting(Some(&secret())))
    }

    fn issued(key: TokenKey<'_>, user: i32) -> String {
        let issuer = TokenIssuer::new("users", "users-api");
        let authentication = Authentication::by_password(NOW);
        let holder = Holder {
            user: user.try_into().unwrap(),
            session: 9_i64.try_into().unwrap(),
            authentication: &authentication,
        };
        issuer.issue(key, holder, NOW, LIFETIME, &OsRandom).unwrap()
    }

    fn base64(key: &SigningKey) -> String {
        STANDARD.encode(key.public_key().octets())
    }

    fn verify(tokens: &Tokens, token: &str, key: Option<&str>) -> Result<Claims, InvalidToken> {
        tokens.settle(tokens.begin(token)?, key, NOW)
    }

    #[test]
    fn a_key_is_learnt_from_the_database_and_then_verifies_before_it_is_asked() {
        let (tokens, key) = (tokens(), SigningKey::generate(&OsRandom));
        let (token, answer) = (issued(TokenKey::Private(&key), 7), base64(&key));
        let forged = token.replacen('.', ".e30", 1);
        let swapped = {
            let (message, _) = token.rsplit_once('.').unwrap();
            format!("{message}.{}", issued(TokenKey::Private(&key), 8).rsplit('.').next().unwrap())
        };
        // The database is asked about a forged token of a key that is not known yet, and the answer refuses it.
        let pending = tokens.begin(&swapped).unwrap();
        assert_eq!((pending.user().get(), pending.session().get(), pending.kid()), (7, 9, Some(key.kid())));
        assert_eq!(tokens.settle(pending, Some(&answer), NOW), Err(InvalidToken));
        assert!(tokens.remembered().keys.is_empty() && tokens.remembered().tokens.is_empty());

        assert_eq!(verify(&tokens, &token, Some(&answer)).unwrap().user.get(), 7);
        for token in [&swapped, &forged] {
            assert_eq!(tokens.begin(token).err(), Some(InvalidToken), "no statement is needed to refuse it");
        }
        assert_eq!(
            verify(&tokens, &issued(TokenKey::Private(&key), 8), Some(&answer)).unwrap().user.get(),
            8
        );
    }

    #[test]
    fn a_key_that_does_not_count_verifies_nothing_even_if_it_is_known() {
        let (tokens, key) = (tokens(), SigningKey::generate(&OsRandom));
        let (token, answer) = (issued(TokenKey::Private(&key), 7), base64(&key));
        let other = base64(&SigningKey::generate(&OsRandom));
        for answer in [None, Some("?"), Some(""), Some(other.as_str())] {
            assert_eq!(verify(&tokens, &token, answer), Err(InvalidToken));
        }
        for answer_afterwards in [None, Some(other.as_str())] {
            assert!(verify(&tokens, &token, Some(&answer)).is_ok());
            assert_eq!(verify(&tokens, &token, answer_afterwards), Err(InvalidToken), "a remembered token");
            assert!(tokens.remembered().keys.is_empty(), "expected the key to be forgotten");
            assert_eq!(
                verify(&tokens, &issued(TokenKey::Private(&key), 8), answer_afterwards),
                Err(InvalidToken)
            );
        }
    }

    #[test]
    fn a_token_of_a_secret_needs_no_key() {
        let tokens = tokens();
        let token = issued(TokenKey::Secret(&secret()), 7);
        for _ in 0..2 {
            assert_eq!(tokens.begin(&token).unwrap().kid(), None);
            assert!(verify(&tokens, &token, None).is_ok());
        }
        let strict = Tokens::new(TokenVerifier::new(&["users"], "users-api"));
        assert_eq!(strict.begin(&token).err(), Some(InvalidToken));
    }

    #[test]
    fn a_verified_token_is_remembered_and_another_text_is_not_it() {
        let (tokens, key) = (tokens(), SigningKey::generate(&OsRandom));
        let (token, answer) = (issued(TokenKey::Private(&key), 7), base64(&key));
        verify(&tokens, &token, Some(&answer)).unwrap();
        assert!(matches!(tokens.begin(&token).unwrap().state, State::Known(_)));
        assert!(verify(&tokens, &token, Some(&answer)).is_ok());
        for other in [token.to_uppercase(), format!("{token}="), format!("{token}.")] {
            assert!(tokens.begin(&other).is_err());
        }
        let shown = format!("{tokens:?} {:?}", tokens.begin(&token).unwrap());
        assert!(!shown.contains(&token), "{shown}");
    }

    #[test]
    fn no_more_tokens_and_keys_are_remembered_than_the_bounds() {
        let key = SigningKey::generate(&OsRandom);
        let token = issued(TokenKey::Private(&key), 7);
        let tokens = tokens();
        let claims = verify(&tokens, &token, Some(&base64(&key))).unwrap();
        let mut remembered = tokens.remembered();
        for number in 0_u32..2000 {
            let mut digest = [0xff; 32];
            digest[..4].copy_from_slice(&number.to_be_bytes());
            remembered.add_token(digest, Verified { claims, key: None }, NOW);
            assert!(remembered.tokens.len() <= Tokens::MOST_TOKENS);
        }
        for _ in 0..40 {
            remembered.add_key(Arc::new(SigningKey::generate(&OsRandom).public_key().into()));
            assert!(remembered.keys.len() <= Tokens::MOST_KEYS);
        }
        // When all have expired, they make room at once.
        remembered.add_token([7; 32], Verified { claims, key: None }, NOW + 900);
        assert_eq!(remembered.tokens.len(), 1);
    }
}
