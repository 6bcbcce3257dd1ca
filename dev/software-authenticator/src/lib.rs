//! An authenticator in software, with the browser in front of it, for tests of passkeys (<https://www.w3.org/TR/webauthn-3/>).
//!
//! [`Authenticator::create`] answers the options of a registration, and [`Authenticator::get`] those of a login: JSON in, JSON out, as
//! `navigator.credentials` has them. Unlike a browser, it answers on every origin and for every relying party id: whoever tests a service
//! plays the attacker. A [`Behaviour`] says in which way the answer is wrong; by default, it is right.
//!
//! It shares no code with `crates/passkeys`, so a mistake there is not repeated here.
//!
//! ```
//! use serde_json::json;
//! use software_authenticator::{Authenticator, Behaviour};
//!
//! let mut authenticator = Authenticator::seeded(1);
//! let options = json!({
//!     "rp": {"id": "example.com", "name": "Example"},
//!     "user": {"id": "AAAA", "name": "ada", "displayName": "Ada"},
//!     "challenge": "AAAAAAAAAAAAAAAAAAAAAA",
//!     "pubKeyCredParams": [{"type": "public-key", "alg": -8}],
//! });
//! let registration = authenticator.create(&options, "https://example.com").unwrap();
//! assert_eq!(registration["type"], "public-key");
//!
//! let options = json!({"rpId": "example.com", "challenge": "AAAAAAAAAAAAAAAAAAAAAA"});
//! let unverified = Behaviour { user_verified: false, ..Behaviour::default() };
//! let assertion = authenticator.get_as(&options, "https://example.com", &unverified).unwrap();
//! assert_eq!(assertion["id"], registration["id"]);
//! ```

mod answer;
mod authenticator;
mod behaviour;
mod cbor;
mod key;
mod options;
mod rsa_keys;

pub use authenticator::{Authenticator, Credential, Refused};
pub use behaviour::{Attestation, Behaviour, Counter, Tampering};
pub use key::Algorithm;
