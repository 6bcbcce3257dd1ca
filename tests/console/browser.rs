//! A browser without scripts: it keeps cookies, and sends forms with what a page says.

use std::cell::RefCell;
use std::collections::BTreeMap;

use users_tests::{Answer, Front, PASSWORD, Request};

/// A browser at one address of the service.
pub(crate) struct Browser {
    front: Front,
    cookies: RefCell<BTreeMap<String, String>>,
}

impl Browser {
    pub(crate) fn new(front: &Front) -> Self {
        Self { front: front.clone(), cookies: RefCell::default() }
    }

    /// A browser in which somebody is signed in.
    pub(crate) async fn signed_in(front: &Front, email: &str) -> Self {
        let browser = Self::new(front);
        let form = [("email", email), ("password", PASSWORD)];
        let answer = browser.submit("/account", "/account/sign-in", &form).await;
        assert_eq!(answer.status, 303, "expected to be signed in: {answer:#?}");
        browser
    }

    /// Opens an address. Follows no redirect.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.front.get(path)).await
    }

    /// Opens a page that is there.
    pub(crate) async fn open(&self, path: &str) -> String {
        self.get(path).await.expect(200).body
    }

    /// Opens a page and sends a form to `action`, with the page's token and these fields.
    pub(crate) async fn submit(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.get(page).await.body;
        let token = value_of(&page, "csrf_token");
        self.post(action, &[&[("csrf_token", token.as_str())], fields].concat()).await
    }

    /// Sends a form as it is.
    pub(crate) async fn post(&self, action: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(self.front.post(action).form(fields)).await
    }

    /// Sends a form whose answer leads to another page, and opens that page.
    pub(crate) async fn change(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.submit(page, action, fields).await;
        assert_eq!(answer.status, 303, "{action} {fields:?}: {answer:#?}");
        self.open(&answer.header("location").expect("a redirect has a place")).await
    }

    async fn send(&self, request: Request) -> Answer {
        let cookies: Vec<String> =
            self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = if cookies.is_empty() { request } else { request.header("cookie", cookies.join("; ")) };
        let answer = request.header("accept", "text/html").header("accept-language", "en").send().await;
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().expect("a cookie is ASCII");
            let pair = cookie.split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').expect("a cookie has a name and a value");
            self.cookies.borrow_mut().insert(name.trim().to_owned(), value.to_owned());
        }
        answer
    }
}

/// The value of the first field with this name.
pub(crate) fn value_of(page: &str, name: &str) -> String {
    let field = page.split('<').find(|tag| tag.contains(&format!("name=\"{name}\"")));
    let field = field.unwrap_or_else(|| panic!("expected a field {name}: {page}"));
    between(field, "value=\"", "\"").first().expect("the field has a value").to_string()
}

/// Every text between `start` and `end`.
pub(crate) fn between<'a>(text: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    text.split(start).skip(1).map(|rest| rest.split(end).next().unwrap_or_default()).collect()
}

/// The text of a page, without its markup.
pub(crate) fn text_of(page: &str) -> String {
    let main = page.split("<main").nth(1).unwrap_or(page);
    let text: String =
        main.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text).collect();
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}
