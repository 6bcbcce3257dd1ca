//! `GET /console/api`

use users_tests::between;

use crate::support::Fixture;

#[tokio::test]
async fn every_link_of_the_page_leads_somewhere() {
    let fixture = Fixture::start().await;
    let page = fixture.browser.open("/console/api").await;
    let main = between(&page, "<main", "</main>")[0];
    let links = between(main, "href=\"", "\"");
    assert!(links.contains(&"/docs") && links.contains(&"/openapi.json") && links.len() >= 7, "{links:?}");
    for link in links {
        fixture.browser.get(link).await.expect(200);
    }
}
