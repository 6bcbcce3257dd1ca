//! The token of a link in an e-mail. The link has it in its fragment, which browsers do not send: the script of the pages moves it into a
//! field. Without the script, people paste the link into that field.

use maud::{Markup, html};

use crate::api::Refusal;
use crate::browser::Visitor;
use crate::view::Input;

/// The longest token that is sent to the API, in octets. Its own have 43.
const LONGEST: usize = 128;

/// The token in a pasted text: a whole link, the end of one, or the token itself. `None` if the text has no token.
pub(super) fn token(pasted: &str) -> Option<&str> {
    const AROUND: [char; 4] = ['<', '>', '(', ')'];
    let pasted = pasted.trim().trim_matches(AROUND);
    let token = pasted.rsplit_once("token=").map_or(pasted, |(_, token)| token);
    let is_plain = token.bytes().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_'));
    (is_plain && (1..=LONGEST).contains(&token.len())).then_some(token)
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
