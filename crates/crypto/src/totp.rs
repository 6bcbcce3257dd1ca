//! Time-based one-time passwords (RFC 6238), by which an authenticator proves that it has the secret of an account.
//!
//! They are made here and not by the crate `totp-rs`: the algorithm is one HMAC and a dozen lines. The crate compares no further than to the
//! first step that matches, cannot pass over the steps that were used, and adds 59 KB to the component.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha1::Sha1;
use subtle::{Choice, ConstantTimeEq, CtOption};
use users_core::{Random, TotpCode, UserId};
use zeroize::Zeroizing;

use crate::base32;
use crate::factor_keys::FactorKeys;

/// Everything but the unreserved characters of RFC 3986 section 2.3.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The stored secret of an authenticator cannot be opened: it was sealed with another `key_secret` or for another account, or it was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "key_secret does not open the secret of an authenticator: set key_secret_previous to the value with which the secret was stored; if that is lost, the owner needs another factor, or `usersctl reset-factors`"
)]
pub struct UnreadableTotpSecret;

/// The secret that an account shares with its authenticator: 160 random bits, as RFC 4226 section 4 (R6) recommends. It is zeroized when it is
/// dropped, and `Debug` hides it.
///
/// The codes are those that every authenticator knows: HMAC-SHA-1, six digits, steps of 30 seconds from the Unix epoch.
pub struct TotpSecret(Zeroizing<[u8; Self::OCTETS]>);

impl TotpSecret {
    /// The length, in octets.
    pub const OCTETS: usize = 20;
    /// The length of a step, in seconds (RFC 6238 section 4.1).
    pub const PERIOD: i64 = 30;
    /// The number of steps by which the clock of an authenticator may be ahead or behind (RFC 6238 section 5.2 recommends one at most).
    pub const DRIFT: i64 = 1;

    /// Generates a secret.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        let mut octets = Zeroizing::new([0; Self::OCTETS]);
        random.fill(octets.as_mut());
        Self(octets)
    }

    /// Reads a secret in base 32 without padding. `None` for any other text, also for secrets of another length.
    #[must_use]
    pub fn from_base32(text: &str) -> Option<Self> {
        base32::decode(text)?.as_slice().try_into().ok().map(Zeroizing::new).map(Self)
    }

    /// The secret in base 32 without padding (RFC 4648 section 6), 32 characters: for people who type it.
    #[must_use]
    pub fn to_base32(&self) -> Zeroizing<String> {
        base32::encode(self.0.as_ref())
    }

    /// The step of a time in seconds since the Unix epoch: `T` of RFC 6238 section 4.2.
    #[must_use]
    pub fn step_at(seconds: i64) -> i64 {
        seconds.div_euclid(Self::PERIOD)
    }

    /// The code of a step.
    #[must_use]
    pub fn code_at(&self, step: i64) -> TotpCode {
        // HMAC extends a key with zeros to a block of 64 octets (RFC 2104 section 2).
        let mut key = Zeroizing::new([0; 64]);
        key.iter_mut().zip(self.0.iter()).for_each(|(octet, secret)| *octet = *secret);
        let hash: [u8; 20] = <Hmac<Sha1> as KeyInit>::new((&*key).into())
            .chain_update(step.to_be_bytes())
            .finalize()
            .into_bytes()
            .into();
        // Dynamic truncation: 31 bits from the place that the last four bits name (RFC 4226 section 5.3).
        let [.., last] = hash;
        let from = usize::from(last & 0x0f);
        let bits = hash.iter().skip(from).take(4).fold(0, |bits, octet| bits << 8 | u32::from(*octet));
        TotpCode::of(bits & 0x7fff_ffff)
    }

    /// The step whose code this is: the present one, or one within [`Self::DRIFT`], but none up to `last_used`. `None` if the code is wrong.
    ///
    /// All steps are compared, and in constant time. `now` is in seconds since the Unix epoch.
    ///
    /// A code works once (RFC 6238 section 5.2): the statement that accepts it must store the step, and only if the stored one is still smaller. Of
    /// two requests with one code that race, the database then accepts one.
    #[must_use]
    pub fn matching_step(&self, code: TotpCode, now: i64, last_used: Option<i64>) -> Option<i64> {
        let present = Self::step_at(now);
        let steps = present - Self::DRIFT..=present + Self::DRIFT;
        steps
            .map(|step| {
                let is_unused = Choice::from(u8::from(last_used.is_none_or(|used| used < step)));
                CtOption::new(step, self.code_at(step).number().ct_eq(&code.number()) & is_unused)
            })
            .fold(CtOption::new(0, Choice::from(0)), |earlier, later| later.or_else(|| earlier))
            .into_option()
    }

    /// The address that an authenticator reads as a QR code, in the format of Google Authenticator ("Key Uri Format"):
    /// `otpauth://totp/ISSUER:ACCOUNT?secret=…&issuer=…&algorithm=SHA1&digits=6&period=30`. It contains the secret.
    ///
    /// `issuer` names the service, and `account` the account: an email address in any script. The format forbids colons in the issuer, because a
    /// colon ends it. They become spaces.
    #[must_use]
    pub fn uri(&self, issuer: &str, account: &str) -> Zeroizing<String> {
        let issuer = issuer.replace(':', " ");
        let [issuer, account] = [&issuer, account].map(|part| utf8_percent_encode(part, ESCAPED));
        let secret = self.to_base32();
        let (digits, period) = (TotpCode::DIGITS, Self::PERIOD);
        Zeroizing::new(format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits={digits}&period={period}",
            *secret
        ))
    }

    /// Encrypts the secret for the database, as private keys are, under a key of its own. The account is authenticated with it, so that nobody
    /// who writes to the database can give one account the authenticator of another.
    #[must_use]
    pub fn seal(&self, user: UserId, keys: &FactorKeys, random: &dyn Random) -> Vec<u8> {
        keys.seal(self.0.as_ref(), &owner(user), random)
    }

    /// Decrypts the stored secret of an account.
    ///
    /// # Errors
    /// [`UnreadableTotpSecret`] when it was sealed with another `key_secret` or for another account, or was changed.
    pub fn open(user: UserId, sealed: &[u8], keys: &FactorKeys) -> Result<Self, UnreadableTotpSecret> {
        keys.open(sealed, &owner(user)).map(Self).ok_or(UnreadableTotpSecret)
    }

    /// Encrypts the secret again if the secret before `key_secret` sealed it in this way. `None` if the present one did.
    #[must_use]
    pub fn seal_anew(
        &self,
        user: UserId,
        sealed: &[u8],
        keys: &FactorKeys,
        random: &dyn Random,
    ) -> Option<Vec<u8>> {
        let is_present = keys.is_present::<{ Self::OCTETS }>(sealed, &owner(user));
        (!is_present).then(|| self.seal(user, keys, random))
    }
}

/// The name under which a secret is sealed.
fn owner(user: UserId) -> Vec<u8> {
    format!("totp of account {user}").into_bytes()
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::os_random::Ones;
    use crate::{KeySecret, OsRandom, SigningKey};

    const NOW: i64 = 1_234_567_890;
    const OLD: &[u8] = b"the secret of the release before this";

    /// The secret of the vectors of both standards.
    fn secret() -> TotpSecret {
        TotpSecret(Zeroizing::new(*b"12345678901234567890"))
    }

    fn keys() -> FactorKeys {
        FactorKeys::new(b"0123456789abcdef0123456789abcdef").unwrap()
    }

    fn user(id: i32) -> UserId {
        UserId::try_from(id).unwrap()
    }

    fn matching(code: TotpCode, now: i64, last_used: Option<i64>) -> Option<i64> {
        secret().matching_step(code, now, last_used)
    }

    /// RFC 4226 appendix D.
    #[test]
    fn the_vectors_of_hotp_hold() {
        let codes = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
            "520489",
        ];
        for (counter, code) in (0..).zip(codes) {
            assert_eq!(secret().code_at(counter).digits(), code, "{counter}");
        }
    }

    /// RFC 6238 appendix B, SHA-1. Its codes have eight digits, of which ours are the last six.
    #[test]
    fn the_vectors_of_totp_hold() {
        for (seconds, step, code) in [
            (59, 0x1, "94287082"),
            (1_111_111_109, 0x0235_23EC, "07081804"),
            (1_111_111_111, 0x0235_23ED, "14050471"),
            (1_234_567_890, 0x0273_EF07, "89005924"),
            (2_000_000_000, 0x03F9_40AA, "69279037"),
            (20_000_000_000, 0x27BC_86AA, "65353130"),
        ] {
            assert_eq!(TotpSecret::step_at(seconds), step, "{seconds}");
            assert_eq!(secret().code_at(step).digits(), code[2..], "{seconds}");
            let typed = TotpCode::try_from(code[2..].to_owned()).unwrap();
            assert_eq!(matching(typed, seconds, None), Some(step), "{seconds}");
        }
    }

    #[test]
    fn a_clock_may_be_one_step_off_and_not_two() {
        let present = TotpSecret::step_at(NOW);
        for (off, works) in
            [(-3, false), (-2, false), (-1, true), (0, true), (1, true), (2, false), (3, false)]
        {
            let step = present + off;
            assert_eq!(matching(secret().code_at(step), NOW, None), works.then_some(step), "{off}");
        }
    }

    #[test]
    fn a_step_lasts_30_seconds() {
        let first = TotpSecret::step_at(NOW) * 30;
        assert_eq!(TotpSecret::step_at(first - 1), TotpSecret::step_at(NOW) - 1);
        assert_eq!(TotpSecret::step_at(first + 29), TotpSecret::step_at(NOW));
        assert_eq!(TotpSecret::step_at(first + 30), TotpSecret::step_at(NOW) + 1);
    }

    #[test]
    fn no_code_of_a_used_step_or_of_one_before_matches() {
        let present = TotpSecret::step_at(NOW);
        for used in -2..=2 {
            for off in -1..=1 {
                let found = matching(secret().code_at(present + off), NOW, Some(present + used));
                assert_eq!(found, (used < off).then_some(present + off), "{used} {off}");
            }
        }
    }

    #[test]
    fn a_wrong_code_and_that_of_another_secret_match_nothing() {
        let right: Vec<u32> =
            (-1..=1).map(|off| secret().code_at(TotpSecret::step_at(NOW) + off).number()).collect();
        let wrong = (0..1_000_000).step_by(997).filter(|number| !right.contains(number));
        assert!(wrong.map(TotpCode::of).all(|code| matching(code, NOW, None).is_none()));
        let other = TotpSecret::generate(&Ones).code_at(TotpSecret::step_at(NOW));
        assert_eq!(matching(other, NOW, None), None);
    }

    #[test]
    fn no_time_panics() {
        for now in [i64::MIN, -1, 0, i64::MAX] {
            let step = TotpSecret::step_at(now);
            assert_eq!(matching(secret().code_at(step), now, None), Some(step));
        }
    }

    #[test]
    fn a_secret_has_160_random_bits_and_is_typed_in_base_32() {
        assert_eq!(*TotpSecret::generate(&Ones).0, [0xff; 20]);
        let text = secret().to_base32();
        assert_eq!(*text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(TotpSecret::from_base32(&text).map(|it| *it.0), Some(*secret().0));
        for wrong in
            ["", "GEZDGNBV", &text.to_lowercase(), &format!("{}A", *text), &format!("{}========", *text)]
        {
            assert!(TotpSecret::from_base32(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn an_authenticator_reads_everything_from_the_uri() {
        assert_eq!(
            *secret().uri("users.example.com", "ada+x@example.com"),
            "otpauth://totp/users.example.com:ada%2Bx%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=users.example.com&algorithm=SHA1&digits=6&period=30"
        );
        let uri = secret().uri("Übung & Co: 50 %?", "用户/#@例え.jp");
        assert!(uri.starts_with(
            "otpauth://totp/%C3%9Cbung%20%26%20Co%20%2050%20%25%3F:%E7%94%A8%E6%88%B7%2F%23%40%E4%BE%8B%E3%81%88.jp?secret="
        ), "{}", *uri);
        assert!(uri.contains("&issuer=%C3%9Cbung%20%26%20Co%20%2050%20%25%3F&"), "{}", *uri);
    }

    #[test]
    fn a_sealed_secret_is_opened_for_its_account_only() {
        let sealed = secret().seal(user(7), &keys(), &OsRandom);
        assert_eq!(sealed.len(), 24 + 20 + 16);
        assert_ne!(sealed, secret().seal(user(7), &keys(), &OsRandom), "each has a nonce of its own");
        assert!(!sealed.windows(20).any(|it| it == *secret().0));
        assert_eq!(*TotpSecret::open(user(7), &sealed, &keys()).unwrap().0, *secret().0);
        for other in [1, 70, 77, i32::MAX] {
            assert_eq!(TotpSecret::open(user(other), &sealed, &keys()).unwrap_err(), UnreadableTotpSecret);
        }
    }

    #[test]
    fn a_sealed_secret_is_not_opened_with_another_key_or_when_it_was_changed() {
        let sealed = secret().seal(user(7), &keys(), &OsRandom);
        let refused = |sealed: &[u8], keys: &FactorKeys| {
            assert_eq!(TotpSecret::open(user(7), sealed, keys).unwrap_err(), UnreadableTotpSecret);
        };
        refused(&sealed, &FactorKeys::new(b"another secret, just as long as ours").unwrap());
        for place in 0..sealed.len() {
            refused(&sealed[..place], &keys());
            for bit in 0..8 {
                let mut changed = sealed.clone();
                changed[place] ^= 1 << bit;
                refused(&changed, &keys());
            }
        }
    }

    #[test]
    fn what_is_sealed_for_one_purpose_is_not_opened_for_the_other() {
        let key_secret = KeySecret::new(b"0123456789abcdef0123456789abcdef").unwrap();
        let key = SigningKey::generate(&OsRandom);
        let sealed_key = key.seal(&key_secret, &OsRandom);
        assert_eq!(TotpSecret::open(user(7), &sealed_key, &keys()).unwrap_err(), UnreadableTotpSecret);
        let sealed = secret().seal(user(7), &keys(), &OsRandom);
        assert!(SigningKey::open(key.kid(), &sealed, &key_secret).is_err());
        assert!(SigningKey::open("totp of account 7", &sealed, &key_secret).is_err());
    }

    #[test]
    fn a_secret_of_the_previous_key_is_opened_while_that_is_known() {
        let sealed = secret().seal(user(7), &FactorKeys::new(OLD).unwrap(), &OsRandom);
        assert_eq!(TotpSecret::open(user(7), &sealed, &keys()).unwrap_err(), UnreadableTotpSecret);
        let both = keys().with_previous(OLD).unwrap();
        assert_eq!(*TotpSecret::open(user(7), &sealed, &both).unwrap().0, *secret().0);
        assert!(TotpSecret::open(user(8), &sealed, &both).is_err());
        let again = secret().seal(user(7), &both, &OsRandom);
        assert!(TotpSecret::open(user(7), &again, &keys()).is_ok(), "the present key seals");
    }

    #[test]
    fn what_the_previous_key_sealed_is_sealed_anew_once() {
        let old = FactorKeys::new(OLD).unwrap();
        let both = keys().with_previous(OLD).unwrap();
        let sealed = secret().seal(user(7), &old, &OsRandom);
        let anew = secret().seal_anew(user(7), &sealed, &both, &OsRandom).unwrap();
        assert_eq!(*TotpSecret::open(user(7), &anew, &keys()).unwrap().0, *secret().0);
        assert!(TotpSecret::open(user(7), &anew, &old).is_err());
        assert_eq!(secret().seal_anew(user(7), &anew, &both, &OsRandom), None);
        assert_eq!(secret().seal_anew(user(7), &anew, &keys(), &OsRandom), None);
    }

    /// Every release opens what the others have sealed.
    #[test]
    fn the_form_of_a_sealed_secret_stays() {
        let sealed: String =
            secret().seal(user(7), &keys(), &Ones).iter().map(|it| format!("{it:02x}")).collect();
        assert!(sealed.starts_with(&"ff".repeat(24)));
        assert_eq!(sealed[48..], *SEALED);
    }

    /// Computed by another implementation: HKDF and HChaCha20 in Python, ChaCha20-Poly1305 by OpenSSL.
    const SEALED: &str = "1298d5f4220f9e2aa1de7773e86073b109e94b1afb3434f873b41804575866cc49000dcb";

    #[test]
    fn no_secret_is_shown() {
        assert_eq!(format!("{:?}", secret()), "TotpSecret(…)");
    }

    proptest! {
        #[test]
        fn every_secret_survives_its_text_and_its_storage(octets in any::<[u8; 20]>(), id in 1..=i32::MAX, now in any::<i64>()) {
            let drawn = TotpSecret(Zeroizing::new(octets));
            let typed = TotpSecret::from_base32(&drawn.to_base32()).unwrap();
            let stored = TotpSecret::open(user(id), &drawn.seal(user(id), &keys(), &OsRandom), &keys()).unwrap();
            let step = TotpSecret::step_at(now);
            prop_assert_eq!(*typed.0, octets);
            prop_assert_eq!(*stored.0, octets);
            prop_assert!(typed.matching_step(stored.code_at(step), now, Some(step - 2)).is_some_and(|it| it >= step - 1));
        }
    }
}
