//! Request ids.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use users_core::Random;

/// `X-Request-Id`, in requests and answers.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The maximum length of an id, in characters.
pub(crate) const MAX_LENGTH: usize = 128;

/// The client's own id if it has 1 to 128 characters of `[A-Za-z0-9._-]`. Otherwise a new id of 128 random bits in hexadecimal.
pub(crate) fn of(headers: &HeaderMap, random: &dyn Random) -> HeaderValue {
    let mut sent = headers.get_all(X_REQUEST_ID).iter();
    match (sent.next(), sent.next()) {
        (Some(id), None) if is_acceptable(id.as_bytes()) => id.clone(),
        _ => fresh(random),
    }
}

fn is_acceptable(id: &[u8]) -> bool {
    (1..=MAX_LENGTH).contains(&id.len()) && id.iter().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(b))
}

fn fresh(random: &dyn Random) -> HeaderValue {
    let mut bits = [0; 16];
    random.fill(&mut bits);
    HeaderValue::from_str(&format!("{:032x}", u128::from_be_bytes(bits)))
        .unwrap_or(HeaderValue::from_static("unknown"))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Ones;

    impl Random for Ones {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(0x11);
        }
    }

    fn id(sent: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in sent {
            headers.append(X_REQUEST_ID, HeaderValue::from_str(value).unwrap());
        }
        of(&headers, &Ones).to_str().unwrap().to_owned()
    }

    #[test]
    fn a_valid_id_from_the_client_is_kept() {
        let longest = "x".repeat(128);
        for own in ["a", "0-9_A.z", &longest] {
            assert_eq!(id(&[own]), own);
        }
    }

    #[test]
    fn any_other_is_replaced() {
        let fresh = "1".repeat(32);
        let too_long = "x".repeat(129);
        for bad in ["", "a b", "a/b", "é", "a\"b", &too_long] {
            assert_eq!(id(&[bad]), fresh, "{bad:?}");
        }
        assert_eq!(id(&[]), fresh);
        assert_eq!(id(&["one", "two"]), fresh);
    }
}
