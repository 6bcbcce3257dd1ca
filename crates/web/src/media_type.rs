//! Media types in `Content-Type`.

/// A media type (RFC 9110 section 8.3.1). Parameters are checked and dropped, because JSON and forms are always UTF-8 (RFC 8259
/// section 8.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MediaType<'a> {
    kind: &'a str,
    subtype: &'a str,
}

impl<'a> MediaType<'a> {
    /// Parses the value of a header. Returns `None` if the value is not a media type.
    pub(crate) fn parse(value: &'a str) -> Option<Self> {
        let (kind, rest) = token(trim_start(value))?;
        let (subtype, rest) = token(rest.strip_prefix('/')?)?;
        skip_parameters(rest)?;
        Some(Self { kind, subtype })
    }

    /// Returns true for `application/json` and for types with the suffix `+json` (RFC 6839 section 3.1).
    pub(crate) fn is_json(self) -> bool {
        let suffix = self.subtype.rsplit('+').next().unwrap_or_default();
        self.kind.eq_ignore_ascii_case("application") && suffix.eq_ignore_ascii_case("json")
    }

    /// Returns true for `application/x-www-form-urlencoded`.
    pub(crate) fn is_form(self) -> bool {
        self.kind.eq_ignore_ascii_case("application")
            && self.subtype.eq_ignore_ascii_case("x-www-form-urlencoded")
    }
}

/// Parses `*( OWS ";" OWS [ parameter ] )` up to the end of the text (RFC 9110 section 5.6.6).
fn skip_parameters(text: &str) -> Option<()> {
    let mut rest = trim_start(text);
    while !rest.is_empty() {
        rest = trim_start(rest.strip_prefix(';')?);
        if !rest.is_empty() && !rest.starts_with(';') {
            rest = trim_start(after_parameter(rest)?);
        }
    }
    Some(())
}

/// Parses `token "=" ( token / quoted-string )`, and returns the rest of the text.
fn after_parameter(text: &str) -> Option<&str> {
    let (_, rest) = token(text)?;
    let value = rest.strip_prefix('=')?;
    match value.strip_prefix('"') {
        Some(quoted) => after_quoted(quoted),
        None => token(value).map(|(_, rest)| rest),
    }
}

/// Parses a string after its opening quote (RFC 9110 section 5.6.4), and returns the rest of the text. The text of a header
/// contains no control characters, so the function does not check for them.
fn after_quoted(text: &str) -> Option<&str> {
    let mut rest = text.chars();
    loop {
        match rest.next()? {
            '"' => return Some(rest.as_str()),
            '\\' => drop(rest.next()?),
            _ => {}
        }
    }
}

/// Splits the text after a token of one character or more (RFC 9110 section 5.6.2).
fn token(text: &str) -> Option<(&str, &str)> {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let end = text.find(|c| !is_token(c)).unwrap_or(text.len());
    text.split_at_checked(end).filter(|(token, _)| !token.is_empty())
}

/// Removes leading optional whitespace (RFC 9110 section 5.6.3).
fn trim_start(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_as_the_rfc_writes_them() {
        for good in [
            "application/json",
            "Application/JSON",
            "application/json;charset=utf-8",
            "application/json ;charset=utf-8",
            "application/json\t;\tcharset=utf-8 ",
            "application/json;",
            "application/json;;",
            "application/json ; ; charset=utf-8;",
            "application/json; charset=\"utf-8\"",
            "application/json; x=\"a;b\\\"c\" ;y=z",
            "application/json; x=\"\"",
        ] {
            assert!(MediaType::parse(good).is_some_and(MediaType::is_json), "{good}");
        }
    }

    #[test]
    fn an_invalid_media_type_is_refused() {
        for bad in [
            "",
            "json",
            "application",
            "application/",
            "/json",
            "application/json, text/plain",
            "application/json charset=utf-8",
            "application /json",
            "application/json; charset",
            "application/json; charset=",
            "application/json; charset = utf-8",
            "application/json; charset=\"utf-8",
            "application/json; charset=\"utf-8\\",
            "application/json; charset=utf 8",
            "application/json; =utf-8",
        ] {
            assert_eq!(MediaType::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn json_and_forms_are_recognized_by_name_or_suffix() {
        let parse = |text| MediaType::parse(text).unwrap();
        for json in ["application/json", "application/problem+json", "application/a+b+JSON"] {
            assert!(parse(json).is_json() && !parse(json).is_form(), "{json}");
        }
        for other in ["text/json", "application/jsonp", "application/json+xml", "*/*"] {
            assert!(!parse(other).is_json() && !parse(other).is_form(), "{other}");
        }
        assert!(parse("APPLICATION/x-www-form-urlencoded;;").is_form());
    }

    proptest::proptest! {
        #[test]
        fn any_value_is_read_without_a_panic(value in "\\PC{0,40}") {
            let _ = MediaType::parse(&value);
        }
    }
}
