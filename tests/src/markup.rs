//! The markup of pages, as far as tests read it.

/// Every text between `start` and `end`.
#[must_use]
pub fn between<'a>(text: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    text.split(start).skip(1).map(|rest| rest.split(end).next().unwrap_or_default()).collect()
}

/// The value of the first field with this name in a page. `None` if the page has no such field.
#[must_use]
pub fn value_of(page: &str, name: &str) -> Option<String> {
    let field = page.split('<').find(|tag| tag.contains(&format!("name=\"{name}\"")))?;
    Some(field.split_once("value=\"")?.1.split_once('"')?.0.to_owned())
}

/// The text of a page's content, without its markup.
#[must_use]
pub fn text_of(page: &str) -> String {
    let main = page.split("<main").nth(1).unwrap_or(page);
    let text: String =
        main.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text).collect();
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}
