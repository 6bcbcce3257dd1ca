//! The links in messages.

use anyhow::bail;
use url::Url;
use users_core::Purpose;

/// The URL at which people reach the service.
#[derive(Debug, Clone)]
pub struct Links {
    public_url: String,
    account_url: String,
}

impl Links {
    /// `public_url` is where people reach the service, and `account_url` where the pages for the links are; by default `/account` under
    /// `public_url`. A slash at the end makes no difference.
    ///
    /// # Errors
    /// One sentence for the operator, when one of them is no URL of the web.
    pub fn new(public_url: &str, account_url: Option<&str>) -> anyhow::Result<Self> {
        let public_url = base("PUBLIC_URL", public_url)?;
        let account_url = match account_url.filter(|url| !url.is_empty()) {
            Some(url) => base("ACCOUNT_URL", url)?,
            None => format!("{public_url}/account"),
        };
        Ok(Self { public_url, account_url })
    }

    /// Where people reach the service, without a slash at the end.
    pub(crate) fn public_url(&self) -> &str {
        &self.public_url
    }

    /// The link for this purpose. The token is in the fragment, so that it reaches no log and no `Referer` (RFC 9110 section 10.1.3).
    pub(crate) fn link(&self, purpose: Purpose, token: &str) -> String {
        let page = match purpose {
            Purpose::EmailVerification | Purpose::EmailChange => "verify-email",
            Purpose::PasswordReset | Purpose::Invitation => "reset-password",
        };
        format!("{}/{page}#token={token}", self.account_url)
    }
}

fn base(name: &str, text: &str) -> anyhow::Result<String> {
    let is_plain = |url: &Url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    };
    match Url::parse(text.trim()) {
        Ok(url) if is_plain(&url) => Ok(url.as_str().trim_end_matches('/').to_owned()),
        _ => {
            bail!("{name} must be a URL such as https://users.example.com, without user, query and fragment")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_has_its_token_in_the_fragment() {
        let links = Links::new("https://users.example.com/", None).unwrap();
        for (purpose, expected) in [
            (Purpose::EmailVerification, "https://users.example.com/account/verify-email#token=T"),
            (Purpose::EmailChange, "https://users.example.com/account/verify-email#token=T"),
            (Purpose::PasswordReset, "https://users.example.com/account/reset-password#token=T"),
            (Purpose::Invitation, "https://users.example.com/account/reset-password#token=T"),
        ] {
            assert_eq!(links.link(purpose, "T"), expected);
        }
        let elsewhere = Links::new("http://127.0.0.1:3000", Some("https://app.example.com/me/")).unwrap();
        assert_eq!(
            elsewhere.link(Purpose::Invitation, "T"),
            "https://app.example.com/me/reset-password#token=T"
        );
        assert_eq!(elsewhere.public_url(), "http://127.0.0.1:3000");
    }

    #[test]
    fn only_a_url_of_the_web_is_a_base_of_links() {
        for wrong in [
            "",
            "users.example.com",
            "javascript:alert(1)",
            "https://u:p@x.example",
            "https://x.example/?a",
            "https://x.example/#a",
        ] {
            assert!(
                Links::new(wrong, None).unwrap_err().to_string().starts_with("PUBLIC_URL must be"),
                "{wrong}"
            );
        }
        assert!(Links::new("https://x.example", Some("ftp://x.example")).is_err());
        assert!(Links::new("https://x.example", Some("")).is_ok());
    }
}
