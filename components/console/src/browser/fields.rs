//! The fields of a form, and the parameters of a query.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;

use crate::api::Refusal;

/// Names and values as a browser sent them, in their order. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fields(Arc<[(String, String)]>);

/// The fields of the form that was sent, after the check against CSRF. Handlers of forms take it.
#[derive(Debug, Clone)]
pub(crate) struct Form(pub(crate) Fields);

impl Fields {
    /// Reads `application/x-www-form-urlencoded`.
    pub(crate) fn parse(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// The value of a field as it was sent. Empty if the field is missing.
    pub(crate) fn value(&self, name: &str) -> &str {
        self.find(name).unwrap_or_default()
    }

    /// The value of a field without the spaces around it. `None` if nothing remains.
    pub(crate) fn optional(&self, name: &str) -> Option<&str> {
        Some(self.value(name).trim()).filter(|value| !value.is_empty())
    }

    /// All values of a field that may be sent several times, such as check boxes.
    pub(crate) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(it, _)| it == name).map(|(_, value)| value.as_str())
    }

    /// The words of all fields with this name, which may be separated by spaces, commas or semicolons.
    pub(crate) fn words<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let words = self.values(name).flat_map(|text| text.split([',', ';', ' ', '\t', '\r', '\n']));
        words.filter(|word| !word.is_empty())
    }

    /// The end of a day in UTC, from a field in which browsers send a day. Any other text stays as it is, for the API to refuse. `None` if
    /// the field is empty.
    pub(crate) fn end_of_day(&self, name: &str) -> Option<String> {
        let day = self.optional(name)?;
        Some(if day.contains('T') { day.to_owned() } else { format!("{day}T23:59:59Z") })
    }

    /// Returns true if the field was sent. Browsers send a check box only if it is ticked.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    fn find(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }

    /// All fields, in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Reads the body of a form.
///
/// # Errors
/// 415 for another media type, 400 for a body that is not UTF-8.
pub(crate) async fn read(headers: &HeaderMap, body: Body) -> Result<Fields, Refusal> {
    let media_type = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "malformed_form"));
    }
    let malformed = || Refusal::new(StatusCode::BAD_REQUEST, "malformed_form");
    let body = body.collect().await.map_err(|_| malformed())?.to_bytes();
    // The parser would replace octets that are not UTF-8 with U+FFFD. Different passwords would become the same.
    if percent_encoding::percent_decode(&body).decode_utf8().is_err() {
        return Err(malformed());
    }
    Ok(Fields::parse(&body))
}

impl<S: Sync> FromRequestParts<S> for Form {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        // The surface reads the form of every `POST` before the handler.
        let fields = parts.extensions.get::<Fields>().cloned();
        fields.map(Self).ok_or_else(|| Refusal::new(StatusCode::BAD_REQUEST, "malformed_form"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_by_their_name() {
        let fields = Fields::parse(b"a=1&b=+x+&a=2&c=");
        assert_eq!(fields.value("a"), "1");
        assert_eq!(fields.values("a").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!((fields.value("b"), fields.optional("b")), (" x ", Some("x")));
        assert_eq!((fields.has("c"), fields.optional("c")), (true, None));
        assert_eq!((fields.has("d"), fields.value("d")), (false, ""));
    }

    #[test]
    fn words_are_read_from_every_field_of_the_name() {
        let fields = Fields::parse(b"a=x,+y;z%0D%0Aw&a=&a=v&b=u");
        assert_eq!(fields.words("a").collect::<Vec<_>>(), ["x", "y", "z", "w", "v"]);
    }

    #[test]
    fn a_day_ends_with_its_last_second() {
        let fields = Fields::parse(b"a=2027-05-15&b=2027-05-15T10:00:00Z&c=+&d=x");
        let ends = ["a", "b", "c", "d", "e"].map(|name| fields.end_of_day(name));
        let day = Some("2027-05-15T23:59:59Z".to_owned());
        let time = Some("2027-05-15T10:00:00Z".to_owned());
        assert_eq!(ends, [day, time, None, Some("xT23:59:59Z".to_owned()), None]);
    }
}
