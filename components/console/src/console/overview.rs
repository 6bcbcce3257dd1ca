//! `GET /console`: the administration at a glance.

use maud::html;

use crate::browser::Administrator;
use crate::view::Page;

/// 200 with the page.
pub(crate) async fn show(Administrator { visitor, account }: Administrator) -> Page {
    let content = html! {
        p { (visitor.text_with("account-signed-in", &[("email", account.email.as_str().into())])) }
    };
    Page::new(visitor.text("nav-console"), content)
}
