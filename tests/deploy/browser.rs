//! A browser at the console.

use users_tests::{Answer, Front, PASSWORD, value_of};

/// Signs in with the form, for a person at this address. Returns the cookies of the session, as a browser sends them.
pub(crate) async fn signed_in(console: &Front, email: &str, address: &str) -> String {
    let form = console.get("/account").header("x-forwarded-for", address).send().await.expect(200);
    let token = value_of(&form.body, "csrf_token").expect("the page has a form");
    let fields = [("csrf_token", token.as_str()), ("email", email), ("password", PASSWORD)];
    let answer = console
        .post("/account/sign-in")
        .header("x-forwarded-for", address)
        .header("cookie", cookies(&form))
        .form(&fields)
        .send()
        .await
        .expect(303);
    cookies(&answer)
}

/// The cookies that an answer sets, as a browser sends them back.
fn cookies(answer: &Answer) -> String {
    let set = answer.headers.get_all("set-cookie").iter().filter_map(|cookie| cookie.to_str().ok());
    let pairs: Vec<&str> = set.filter_map(|cookie| cookie.split(';').next()).collect();
    pairs.join("; ")
}
