//! Password hashes: Argon2id (RFC 9106) in the PHC string format.

use std::pin::Pin;
use std::time::Duration;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use futures::lock::{Mutex, MutexGuard};
use users_core::{Password, Random};

use crate::argon2id::{self, Filling};

/// A timer that lets other requests run. Callers pass it in, like the clock and randomness.
pub trait Pause: Send + Sync {
    /// Waits for at least `time`.
    fn pause(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// Hashes and verifies passwords, one at a time.
///
/// The parameters are m = 19 MiB, t = 2 and p = 1, one of the equivalent choices of OWASP's Password Storage Cheat Sheet. A
/// salt has 16 octets and a hash 32 (RFC 9106 section 3.1).
///
/// The memory is wiped after each use and kept for the next hash: allocating 19 MiB each time would cost more than wiping them.
pub struct PasswordHasher {
    memory: Mutex<Vec<Block>>,
    /// Set in a component, where a hash must pause by itself.
    pause: Option<Box<dyn Pause>>,
    /// The hash to verify against when there is no account. With it, a login without an account takes as long as other logins.
    decoy: String,
}

/// The outcome of a verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verification {
    /// The password is right.
    Match {
        /// True if the stored hash is weaker than a new one, or if it is not the hash of the password in NFC. The caller should
        /// replace it.
        outdated: bool,
    },
    /// The password is wrong, or there is no account.
    Mismatch,
}

/// The reason why a hash cannot be computed or verified.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// The stored text is not an Argon2 hash, or needs more than 64 MiB.
    #[error("a stored password hash is not a valid Argon2 hash in the PHC format")]
    Unreadable,
    /// Argon2 refused its parameters, or memory is exhausted.
    #[error("Argon2 failed: {0}")]
    Failed(String),
}

impl PasswordHasher {
    const MEMORY_KIB: u32 = 19 * 1024;
    const PASSES: u32 = 2;
    const LANES: u32 = 1;
    const SALT_OCTETS: usize = 16;
    const HASH_OCTETS: usize = 32;
    /// The most memory that a stored hash may require, in KiB. Without the limit, a foreign hash could exhaust the component's
    /// memory.
    const MAX_MEMORY_KIB: u32 = 64 * 1024;

    /// The number of blocks between two pauses. These blocks take a little less than a millisecond, which is the shortest pause of
    /// runtimes. Other requests therefore get more of the thread's time than the hash.
    const BLOCKS_PER_STEP: usize = 1500;
    /// The pause between two steps. Other requests that are ready run even in the shortest pause.
    const STEP_PAUSE: Duration = Duration::from_nanos(1);
    /// The interval at which a waiting request checks whether the memory is free. A hash takes about ten times as long.
    const POLL_INTERVAL: Duration = Duration::from_millis(2);

    /// A hasher that computes a hash in one go. The hasher allocates its memory for the first hash.
    #[must_use]
    pub fn new() -> Self {
        Self {
            memory: Mutex::new(Vec::new()),
            pause: None,
            decoy: format!(
                "$argon2id$v=19$m={},t={},p={}$ZGVjb3lkZWNveWRlY295ZA${}",
                Self::MEMORY_KIB,
                Self::PASSES,
                Self::LANES,
                "A".repeat(43)
            ),
        }
    }

    /// A hasher for components. A host does not interrupt a component, so the hasher pauses about every millisecond, and other
    /// requests on the thread go on.
    #[must_use]
    pub fn pausing(pause: impl Pause + 'static) -> Self {
        Self { pause: Some(Box::new(pause)), ..Self::new() }
    }

    /// Hashes a password with a new salt. Returns a PHC string.
    ///
    /// # Errors
    /// [`HashError::Failed`] when memory is exhausted.
    pub async fn hash(&self, password: &Password, random: &dyn Random) -> Result<String, HashError> {
        let mut salt = [0; Self::SALT_OCTETS];
        random.fill(&mut salt);
        let params = Params::new(Self::MEMORY_KIB, Self::PASSES, Self::LANES, Some(Self::HASH_OCTETS))
            .map_err(failed)?;
        let mut output = [0; Self::HASH_OCTETS];
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let kind = (Algorithm::Argon2id, Version::V0x13);
        self.compute(kind, &argon2, password.as_bytes(), &salt, &mut output).await?;
        let hash = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(argon2.params()).map_err(failed)?,
            salt: Some(Salt::new(&salt).map_err(failed)?),
            hash: Some(Output::new(&output).map_err(failed)?),
        };
        Ok(hash.to_string())
    }

    /// Verifies a password against a stored hash, or against a decoy when `stored` is `None`. The decoy never matches.
    ///
    /// A password that was not sent in NFC is verified twice: first in NFC, then as it was sent. Earlier releases hashed the
    /// password as it was sent. A decoy needs the same time.
    ///
    /// # Errors
    /// [`HashError::Unreadable`] if the stored hash is invalid, after the same time as for a valid one. [`HashError::Failed`] if
    /// memory is exhausted.
    pub async fn verify(&self, password: &Password, stored: Option<&str>) -> Result<Verification, HashError> {
        let outcome = match stored {
            Some(stored) => self.verify_both(password, stored).await,
            None => self.verify_both(password, &self.decoy).await.map(|_| Verification::Mismatch),
        };
        if outcome == Err(HashError::Unreadable) {
            self.verify_both(password, &self.decoy).await?;
        }
        outcome
    }

    async fn verify_both(&self, password: &Password, stored: &str) -> Result<Verification, HashError> {
        if let Some(strength) = self.matches(password.as_bytes(), stored).await? {
            return Ok(Verification::Match { outdated: is_weaker(&strength) });
        }
        match password.as_sent() {
            Some(sent) if self.matches(sent, stored).await?.is_some() => {
                Ok(Verification::Match { outdated: true })
            }
            _ => Ok(Verification::Mismatch),
        }
    }

    /// Returns the strength of the hash if the password matches.
    async fn matches(&self, password: &[u8], stored: &str) -> Result<Option<Strength>, HashError> {
        let hash = PasswordHash::new(stored).map_err(|_| HashError::Unreadable)?;
        let algorithm = Algorithm::try_from(hash.algorithm.as_str()).map_err(|_| HashError::Unreadable)?;
        let version =
            hash.version.map_or(Ok(Version::V0x13), Version::try_from).map_err(|_| HashError::Unreadable)?;
        let params = Params::try_from(&hash).map_err(|_| HashError::Unreadable)?;
        let (Some(salt), Some(expected)) = (hash.salt, hash.hash) else {
            return Err(HashError::Unreadable);
        };
        if params.m_cost() > Self::MAX_MEMORY_KIB {
            return Err(HashError::Unreadable);
        }
        let strength = Strength {
            algorithm,
            version,
            params: params.clone(),
            salt_octets: salt.len(),
            hash_octets: expected.len(),
        };
        let mut output = vec![0; expected.len()];
        let argon2 = Argon2::new(algorithm, version, params);
        self.compute((algorithm, version), &argon2, password, &salt, &mut output).await?;
        // `Output` compares in constant time.
        let matches = Output::new(&output).is_ok_and(|computed| computed == expected);
        Ok(matches.then_some(strength))
    }

    async fn compute(
        &self,
        (algorithm, version): (Algorithm, Version),
        argon2: &Argon2<'_>,
        password: &[u8],
        salt: &[u8],
        output: &mut [u8],
    ) -> Result<(), HashError> {
        // Hashes are computed one at a time: concurrent hashes would not finish earlier, and each would need another 19 MiB.
        let mut memory = self.take_memory().await;
        let params = argon2.params();
        let blocks = memory.blocks(params.block_count())?;
        let Some(pause) = self.pause.as_ref().filter(|_| argon2id::supports(algorithm, version, params))
        else {
            return argon2.hash_password_into_with_memory(password, salt, output, blocks).map_err(failed);
        };
        let mut filling = Filling::start(params, password, salt, output.len(), blocks);
        while filling.fill(Self::BLOCKS_PER_STEP) {
            pause.pause(Self::STEP_PAUSE).await;
        }
        filling.finish(output);
        Ok(())
    }

    async fn take_memory(&self) -> Memory<'_> {
        let Some(pause) = &self.pause else {
            return Memory(self.memory.lock().await);
        };
        // Requests of a component cannot wake each other: the SDK's function for that traps on newer runtimes.
        loop {
            if let Some(memory) = self.memory.try_lock() {
                return Memory(memory);
            }
            pause.pause(Self::POLL_INTERVAL).await;
        }
    }
}

/// The memory in use. Dropping it wipes the memory, also after a cancelled hash.
struct Memory<'a>(MutexGuard<'a, Vec<Block>>);

impl Memory<'_> {
    /// Returns `count` blocks. Allocates the blocks that are missing.
    fn blocks(&mut self, count: usize) -> Result<&mut [Block], HashError> {
        let missing = count.saturating_sub(self.0.len());
        self.0.try_reserve_exact(missing).map_err(failed)?;
        let length = self.0.len() + missing;
        self.0.resize(length, Block::new());
        self.0.get_mut(..count).ok_or_else(|| failed("out of memory"))
    }
}

impl Drop for Memory<'_> {
    fn drop(&mut self) {
        self.0.fill(Block::new());
    }
}

impl Default for PasswordHasher {
    fn default() -> Self {
        Self::new()
    }
}

/// The properties that make a hash hard to crack.
struct Strength {
    algorithm: Algorithm,
    version: Version,
    params: Params,
    salt_octets: usize,
    hash_octets: usize,
}

fn is_weaker(stored: &Strength) -> bool {
    stored.algorithm != Algorithm::Argon2id
        || stored.version != Version::V0x13
        || stored.params.m_cost() < PasswordHasher::MEMORY_KIB
        || stored.params.t_cost() < PasswordHasher::PASSES
        || stored.salt_octets < PasswordHasher::SALT_OCTETS
        || stored.hash_octets < PasswordHasher::HASH_OCTETS
}

fn failed(error: impl std::fmt::Display) -> HashError {
    HashError::Failed(error.to_string())
}

impl std::fmt::Debug for PasswordHasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHasher")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Poll, Waker};

    use futures::executor::block_on;

    use super::*;
    use crate::OsRandom;

    fn password(text: &str) -> Password {
        Password::from(text.to_owned())
    }

    #[test]
    fn a_hash_is_a_phc_string_of_argon2id_with_its_own_salt() {
        let hasher = PasswordHasher::new();
        let hash = |text| block_on(hasher.hash(&password(text), &OsRandom)).unwrap();
        let (one, two) = (hash("correct horse"), hash("correct horse"));
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, two);
        for stored in [&one, &two] {
            let outcome = |text| block_on(hasher.verify(&password(text), Some(stored))).unwrap();
            assert_eq!(outcome("correct horse"), Verification::Match { outdated: false });
            assert_eq!(outcome("Correct horse"), Verification::Mismatch);
        }
    }

    /// A hash of the reference implementation, from the test suite of phc-winner-argon2:
    /// `echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1 -l 32`.
    #[test]
    fn hashes_of_the_reference_implementation_verify() {
        let stored = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        let outcome = block_on(PasswordHasher::new().verify(&password("password"), Some(stored))).unwrap();
        assert_eq!(outcome, Verification::Match { outdated: true }, "its salt has eight octets only");
    }

    #[test]
    fn a_hash_with_weaker_parameters_is_outdated_and_one_with_stronger_ones_is_not() {
        for (m, t, outdated) in
            [(8, 1, true), (19_456, 1, true), (8_192, 2, true), (19_456, 2, false), (20_000, 3, false)]
        {
            let argon2 =
                Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(m, t, 1, Some(32)).unwrap());
            let (mut output, salt) = ([0; 32], [7; 16]);
            argon2.hash_password_into(b"a password", &salt, &mut output).unwrap();
            let hash = PasswordHash {
                algorithm: Algorithm::Argon2id.ident(),
                version: Some(Version::V0x13.into()),
                params: ParamsString::try_from(argon2.params()).unwrap(),
                salt: Some(Salt::new(&salt).unwrap()),
                hash: Some(Output::new(&output).unwrap()),
            };
            let outcome =
                block_on(PasswordHasher::new().verify(&password("a password"), Some(&hash.to_string())));
            assert_eq!(outcome, Ok(Verification::Match { outdated }), "m={m} t={t}");
        }
    }

    #[test]
    fn without_an_account_no_password_matches() {
        assert_eq!(
            block_on(PasswordHasher::new().verify(&password("anything"), None)),
            Ok(Verification::Mismatch)
        );
    }

    /// The PHC string of these octets, as earlier releases made it.
    fn hash_of(octets: &[u8]) -> String {
        let argon2 =
            Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(19_456, 2, 1, Some(32)).unwrap());
        let (mut output, salt) = ([0; 32], [7; 16]);
        argon2.hash_password_into(octets, &salt, &mut output).unwrap();
        let hash = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(argon2.params()).unwrap(),
            salt: Some(Salt::new(&salt).unwrap()),
            hash: Some(Output::new(&output).unwrap()),
        };
        hash.to_string()
    }

    #[test]
    fn a_password_is_the_same_however_its_accents_are_composed() {
        let hasher = PasswordHasher::new();
        for (sent, typed) in [("péché mortel", "pe\u{301}che\u{301} mortel"), ("e\u{301}e\u{301}", "éé")]
        {
            let stored = block_on(hasher.hash(&password(sent), &OsRandom)).unwrap();
            for text in [sent, typed] {
                let outcome = block_on(hasher.verify(&password(text), Some(&stored)));
                assert_eq!(outcome, Ok(Verification::Match { outdated: false }), "{text}");
            }
        }
    }

    #[test]
    fn a_hash_of_the_octets_that_were_sent_verifies_and_is_outdated() {
        let sent = "pe\u{301}che\u{301} mortel";
        let stored = hash_of(sent.as_bytes());
        let outcome = |text| block_on(PasswordHasher::new().verify(&password(text), Some(&stored)));
        assert_eq!(outcome(sent), Ok(Verification::Match { outdated: true }));
        // The octets of another keyboard did not match in earlier releases either.
        assert_eq!(outcome("péché mortel"), Ok(Verification::Mismatch));
    }

    #[test]
    fn a_password_with_and_without_an_account_costs_the_same_work() {
        let stored = hash_of(b"another password");
        let pauses = |text, stored: Option<&str>| {
            let counted = Counted::default();
            let hasher = PasswordHasher::pausing(counted.clone());
            let _ = block_on(hasher.verify(&password(text), stored));
            counted.0.load(Ordering::Relaxed)
        };
        let one = pauses("péché mortel", Some(&stored));
        assert!(one > 10, "{one}");
        for (text, expected) in [("péché mortel", one), ("pe\u{301}che\u{301} mortel", 2 * one)] {
            assert_eq!(pauses(text, Some(&stored)), expected, "{text}");
            assert_eq!(pauses(text, None), expected, "{text}");
            assert_eq!(pauses(text, Some("unreadable")), expected, "{text}");
        }
    }

    #[test]
    fn an_unreadable_hash_is_an_error_and_never_matches() {
        let greedy = format!("$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ${}", "A".repeat(43));
        for stored in [
            "",
            "x",
            "plain text",
            "$2b$12$abcdefghijklmnopqrstuv",
            "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ",
            &greedy,
        ] {
            let outcome = block_on(PasswordHasher::new().verify(&password("plain text"), Some(stored)));
            assert_eq!(outcome, Err(HashError::Unreadable), "{stored}");
        }
    }

    /// Counts pauses. Each one yields once.
    #[derive(Clone, Default)]
    struct Counted(Arc<AtomicUsize>);

    impl Pause for Counted {
        fn pause(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
            self.0.fetch_add(1, Ordering::Relaxed);
            let mut ready = false;
            Box::pin(std::future::poll_fn(move |context| {
                if std::mem::replace(&mut ready, true) {
                    return Poll::Ready(());
                }
                context.waker().wake_by_ref();
                Poll::Pending
            }))
        }
    }

    #[test]
    fn a_hasher_that_pauses_agrees_with_one_that_does_not() {
        let counted = Counted::default();
        let (pausing, other) = (PasswordHasher::pausing(counted.clone()), PasswordHasher::new());
        let matches = Ok(Verification::Match { outdated: false });
        let ours = block_on(pausing.hash(&password("correct horse"), &OsRandom)).unwrap();
        assert_eq!(counted.0.load(Ordering::Relaxed), 2 * 19 * 1024 / PasswordHasher::BLOCKS_PER_STEP);
        assert_eq!(block_on(other.verify(&password("correct horse"), Some(&ours))), matches);
        let theirs = block_on(other.hash(&password("correct horse"), &OsRandom)).unwrap();
        assert_eq!(block_on(pausing.verify(&password("correct horse"), Some(&theirs))), matches);
        assert_eq!(
            block_on(pausing.verify(&password("other horse"), Some(&theirs))),
            Ok(Verification::Mismatch)
        );
        // A hash of the reference implementation, one with several lanes, and one of another algorithm. The crate computes the last
        // two.
        for stored in [
            "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
            "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
            "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
        ] {
            let outcome = block_on(pausing.verify(&password("password"), Some(stored)));
            assert_eq!(outcome, Ok(Verification::Match { outdated: true }), "{stored}");
        }
    }

    #[test]
    fn concurrent_hashes_wait_for_each_other() {
        let hasher = PasswordHasher::pausing(Counted::default());
        let hash = |text: &str| block_on(hasher.hash(&password(text), &OsRandom)).unwrap();
        let stored = ["one password", "another one"].map(hash);
        let verify = |text, index: usize| {
            let (password, stored) = (password(text), &stored[index]);
            let hasher = &hasher;
            async move { hasher.verify(&password, Some(stored)).await }
        };
        let matches = Ok(Verification::Match { outdated: false });
        let both = block_on(futures::future::join(verify("one password", 0), verify("another one", 1)));
        assert_eq!(both, (matches.clone(), matches));
    }

    #[test]
    fn the_memory_is_wiped_after_a_cancelled_hash() {
        let hasher = PasswordHasher::pausing(Counted::default());
        let password = password("a password");
        let mut hashing = Box::pin(hasher.hash(&password, &OsRandom));
        let mut context = Context::from_waker(Waker::noop());
        assert!(hashing.as_mut().poll(&mut context).is_pending());
        drop(hashing);
        let memory = block_on(hasher.memory.lock());
        assert_eq!(memory.len(), 19 * 1024);
        assert!(memory.iter().all(|block| block.as_ref().iter().all(|word| *word == 0)));
    }

    #[test]
    fn the_memory_is_wiped_after_use() {
        let hasher = PasswordHasher::new();
        block_on(hasher.hash(&password("a password"), &OsRandom)).unwrap();
        let memory = block_on(hasher.memory.lock());
        assert_eq!(memory.len(), 19 * 1024);
        assert!(memory.iter().all(|block| block.as_ref().iter().all(|word| *word == 0)));
    }
}
