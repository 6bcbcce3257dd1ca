//! Text that may contain variables as `{{ name }}`.

use anyhow::{Context as _, Result};

/// Text with variables in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Variable(String),
}

impl Template {
    /// Parses a template.
    ///
    /// # Errors
    /// When `{{` is not followed by `}}`.
    pub fn parse(text: &str) -> Result<Self> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let (name, after) = after
                .split_once("}}")
                .with_context(|| format!("{text:?} opens {{{{ and does not close it"))?;
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            parts.push(Part::Variable(name.trim().to_owned()));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self(parts))
    }

    /// Returns true if the text contains no variable.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        self.names().next().is_none()
    }

    /// The names of the variables in the text.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Variable(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The text with each variable replaced by `value(name)`.
    ///
    /// # Errors
    /// The first error of `value`.
    pub fn expand<E>(&self, value: impl Fn(&str) -> Result<String, E>) -> Result<String, E> {
        self.0
            .iter()
            .map(|part| match part {
                Part::Text(text) => Ok(text.clone()),
                Part::Variable(name) => value(name),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expand(text: &str) -> Result<String> {
        Template::parse(text)?.expand(|name| Ok(format!("<{name}>")))
    }

    #[test]
    fn variables_are_replaced() {
        for (text, expected) in [
            ("", ""),
            ("plain } text {", "plain } text {"),
            ("{{a}}", "<a>"),
            ("postgres://{{ host }}:{{ port }}/", "postgres://<host>:<port>/"),
            ("{{ a }}{{ b }}", "<a><b>"),
        ] {
            assert_eq!(expand(text).unwrap(), expected);
        }
    }

    #[test]
    fn an_open_brace_pair_is_an_error() {
        assert!(expand("{{ a }} {{ b").unwrap_err().to_string().contains("does not close it"));
    }
}
