//! A browser without scripts, for the pages of people: it keeps cookies, and sends forms with what a page says.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::markup::value_of;
use crate::{Answer, Front, PASSWORD, Request};

/// A browser at one address of the service. Several requests at once share its cookies, as tabs do.
#[derive(Debug)]
pub struct Browser {
    front: Front,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Browser {
    /// A browser without cookies.
    #[must_use]
    pub fn new(front: &Front) -> Self {
        Self { front: front.clone(), cookies: Mutex::default() }
    }

    /// A browser in which somebody with the usual [`PASSWORD`] is signed in.
    ///
    /// # Panics
    /// When the service refuses to sign in.
    pub async fn signed_in(front: &Front, email: &str) -> Self {
        let browser = Self::new(front);
        browser.sign_in(email, PASSWORD).await.expect(303);
        browser
    }

    /// Sends the form for signing in. Returns any answer.
    pub async fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.submit("/account", "/account/sign-in", &[("email", email), ("password", password)]).await
    }

    /// Opens an address. Follows no redirect.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.front.get(path)).await
    }

    /// Opens a page that is there, and returns its markup.
    ///
    /// # Panics
    /// When there is no such page.
    pub async fn open(&self, path: &str) -> String {
        self.get(path).await.expect(200).body
    }

    /// Opens a page, and sends a form to `action` with the page's token and these fields.
    ///
    /// # Panics
    /// When the page has no form.
    pub async fn submit(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.get(page).await;
        let token =
            value_of(&page.body, "csrf_token").unwrap_or_else(|| panic!("expected a form: {page:#?}"));
        self.post(action, &[&[("csrf_token", token.as_str())], fields].concat()).await
    }

    /// Sends a form as it is.
    pub async fn post(&self, action: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(self.front.post(action).form(fields)).await
    }

    /// Sends a form whose answer leads to another page, and opens that page.
    ///
    /// # Panics
    /// When the answer leads nowhere.
    pub async fn change(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.submit(page, action, fields).await.expect(303);
        self.open(&answer.header("location").expect("a redirect has a place")).await
    }

    /// The value of a cookie. `None` if the browser has none, or an empty one.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies().get(name).filter(|value| !value.is_empty()).cloned()
    }

    /// Puts another value into a cookie.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies().insert(name.to_owned(), value.to_owned());
    }

    async fn send(&self, request: Request) -> Answer {
        let cookies: Vec<String> =
            self.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = if cookies.is_empty() { request } else { request.header("cookie", cookies.join("; ")) };
        let answer = request.header("accept", "text/html").header("accept-language", "en").send().await;
        for cookie in answer.headers.get_all("set-cookie") {
            let pair = cookie.to_str().expect("a cookie is ASCII").split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').expect("a cookie has a name and a value");
            self.set_cookie(name.trim(), value);
        }
        answer
    }

    fn cookies(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
