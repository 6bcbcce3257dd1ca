//! The token of a link in an e-mail. The link has it in its fragment, which browsers do not send: the script of the pages moves it into a
//! field. Without the script, people paste the link into that field.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::api::{Call, Refusal};
use crate::browser::{Fields, Visitor};
use crate::state::Console;
use crate::view::{Input, alert};

/// The code of the API for a link that has been used, has expired or never existed.
const INVALID: &str = "link_invalid";

/// The longest token that is sent to the API, in octets. Its own have 43.
const LONGEST: usize = 128;

/// The token in a pasted text: a whole link, the end of one, or the token itself. `None` if the text has no token.
fn token(pasted: &str) -> Option<&str> {
    const AROUND: [char; 4] = ['<', '>', '(', ')'];
    let pasted = pasted.trim().trim_matches(AROUND);
    let token = pasted.rsplit_once("token=").map_or(pasted, |(_, token)| token);
    let is_plain = token.bytes().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_'));
    (is_plain && (1..=LONGEST).contains(&token.len())).then_some(token)
}

/// A form with a link that was refused: the reason, and the token unless the link has been used or has expired.
pub(super) struct Refused {
    pub(super) token: Option<String>,
    pub(super) refusal: Refusal,
}

/// Sends the token of a form to the API, with these other members of the body.
///
/// # Errors
/// [`Refused`] when the form has no token, or the API refuses the request.
pub(super) async fn send(
    console: &Console,
    visitor: &Visitor,
    path: &str,
    form: &Fields,
    others: &[(&str, &str)],
) -> Result<(), Refused> {
    let Some(token) = token(form.value("token")) else {
        return Err(Refused { token: None, refusal: Refusal::broken("/token", "link") });
    };
    let body: BTreeMap<&str, &str> = others.iter().copied().chain([("token", token)]).collect();
    let outcome = console.api().send(visitor, Call::post(path).json(&body).anonymous()).await;
    outcome.map(drop).map_err(|refusal| {
        let is_useless = refusal.is(INVALID);
        Refused { token: (!is_useless).then(|| token.to_owned()), refusal }
    })
}

/// The message above the form. Where a link cannot be used any more, it leads to the page that sends another one.
pub(super) fn message(visitor: &Visitor, refusal: Option<&Refusal>, path: &str, text: &str) -> Markup {
    html! {
        (alert(visitor, refusal))
        @if refusal.is_some_and(|refusal| refusal.is(INVALID)) { p { a href=(path) { (text) } } }
    }
}

/// The field for the link. It is hidden once its token is known.
pub(super) fn field(visitor: &Visitor, token: Option<&str>, refusal: Option<&Refusal>) -> Markup {
    html! {
        @if let Some(token) = token {
            input type="hidden" name="token" value=(token) data-fragment="token";
        } @else {
            (Input::new(visitor, "text", "token", visitor.text("link-field"))
                .autocomplete("off").required().hint(visitor.text("link-hint")).fragment("token")
                .faults(refusal, "/token"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::token;

    #[test]
    fn a_token_is_found_in_what_people_paste() {
        for pasted in [
            "sc3cMX-Dg_",
            " sc3cMX-Dg_\n",
            "token=sc3cMX-Dg_",
            "#token=sc3cMX-Dg_",
            "https://users.example.com/account/verify-email#token=sc3cMX-Dg_",
            "<https://users.example.com/account/verify-email#token=sc3cMX-Dg_>",
        ] {
            assert_eq!(token(pasted), Some("sc3cMX-Dg_"), "{pasted}");
        }
    }

    #[test]
    fn anything_else_is_no_token() {
        for pasted in
            ["", " ", "https://users.example.com/account", "a b", "token=", "\u{e4}", &"a".repeat(129)]
        {
            assert_eq!(token(pasted), None, "{pasted}");
        }
    }
}
