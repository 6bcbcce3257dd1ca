//! Measures tokens and password hashes.

use std::future::{Future, ready};
use std::hint::black_box;
use std::pin::Pin;
use std::time::Duration;

use criterion::{BatchSize, Criterion};
use futures::executor::block_on;
use users_core::{Authentication, Lifetime, Password, SessionId, UserId};
use users_crypto::{
    Holder, NamedKey, OsRandom, PasswordHasher, Pause, PresentedToken, RefreshToken, SigningKey, TokenIssuer,
    TokenKey, TokenSecret, TokenVerifier,
};

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
const OTHER_SECRET: &[u8] = b"another secret, just as long as ours";
const NOW: i64 = 1_780_000_000;

fn main() {
    let mut criterion = users_bench::criterion();
    access_tokens(&mut criterion);
    refresh_tokens(&mut criterion);
    passwords(&mut criterion);
    criterion.final_summary();
}

fn access_tokens(criterion: &mut Criterion) {
    let [key, other] = [0; 2].map(|_| SigningKey::generate(&OsRandom));
    let [secret, previous] = [SECRET, OTHER_SECRET].map(secret);
    let verifier =
        TokenVerifier::new(&["users"], "users-api").accepting(Some(&secret)).accepting(Some(&previous));
    let issuer = TokenIssuer::new("users", "users-api");
    let authentication = Authentication::by_password(NOW);
    let holder = Holder { user: user(), session: session(), authentication: &authentication };
    let issue = |key: TokenKey<'_>| {
        issuer.issue(key, holder, NOW, Lifetime::AccessToken.default(), &OsRandom).expect("a token")
    };
    let [ours, others] = [&key, &other].map(|key| issue(TokenKey::Private(key)));
    let [current, former] = [&secret, &previous].map(|secret| issue(TokenKey::Secret(secret)));
    let public = NamedKey::from(key.public_key());
    let verify =
        |token: &str| PresentedToken::read(token).and_then(|token| verifier.verify(&token, Some(&public)));
    assert!(verify(&ours).is_ok() && verify(&others).is_err() && verify(&current).is_ok());
    assert!(verify(&former).is_ok());

    let mut group = criterion.benchmark_group("access token");
    group.bench_function("sign", |it| it.iter(|| issue(black_box(TokenKey::Private(&key)))));
    group.bench_function("verify", |it| it.iter(|| verify(black_box(&ours))));
    group.bench_function("recognise, verified before", |it| {
        it.iter(|| PresentedToken::digest(black_box(&ours)));
    });
    group.bench_function("refuse, signed with another key", |it| it.iter(|| verify(black_box(&others))));
    group.bench_function("sign, HS256", |it| it.iter(|| issue(black_box(TokenKey::Secret(&secret)))));
    group.bench_function("verify, HS256", |it| it.iter(|| verify(black_box(&current))));
    group.bench_function("verify, HS256 with the previous secret", |it| {
        it.iter(|| verify(black_box(&former)));
    });
    group.finish();
}

fn refresh_tokens(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("refresh token");
    group.bench_function("draw and hash", |it| it.iter(|| RefreshToken::generate(&OsRandom).hash()));
    group.finish();
}

/// The two ways to compute a hash: in one go by the crate, as in native programs, and in steps, as in a component. The stored hash
/// does not match the password, which takes as long as a match.
fn passwords(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("Argon2id");
    group.sample_size(20);
    for (name, kib, passes) in [("64 KiB, 2 passes", 64, 2), ("19 MiB, 2 passes (ours)", 19 * 1024, 2)] {
        let stored =
            format!("$argon2id$v=19$m={kib},t={passes},p=1$ZGVjb3lkZWNveWRlY295ZA${}", "A".repeat(43));
        let hashers = [("in one go", PasswordHasher::new()), ("in pieces", PasswordHasher::pausing(NoPause))];
        for (way, hasher) in hashers {
            group.bench_function(format!("{name}, {way}"), |it| {
                it.iter_batched(
                    || Password::from("correct horse battery staple".to_owned()),
                    |password| block_on(hasher.verify(&password, Some(&stored))).expect("a hash"),
                    BatchSize::SmallInput,
                );
            });
        }
    }
    group.finish();
}

/// A pause that returns at once, because no other request waits.
struct NoPause;

impl Pause for NoPause {
    fn pause(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(ready(()))
    }
}

fn secret(octets: &[u8]) -> TokenSecret {
    TokenSecret::current(octets).expect("a long secret").expect("a secret")
}

fn user() -> UserId {
    UserId::try_from(7).expect("an id")
}

fn session() -> SessionId {
    SessionId::try_from(9).expect("an id")
}
