//! `{{ name }}` inside text.

use super::Error;

/// Text with variables in it, parsed once and filled in as often as needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Variable(String),
}

impl Template {
    /// Reads `text`.
    ///
    /// # Errors
    /// [`Error::InvalidTemplate`] when `{{` is not followed by `}}`.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let (name, after) = after.split_once("}}").ok_or_else(|| {
                Error::InvalidTemplate(format!("{text:?} opens {{{{ and does not close it"))
            })?;
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

    /// Whether it names no variable.
    pub(crate) fn is_literal(&self) -> bool {
        self.names().next().is_none()
    }

    /// The variables it names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Variable(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The text with each variable replaced by `value(name)`.
    ///
    /// # Errors
    /// The first error of `value`.
    pub(crate) fn expand(&self, value: impl Fn(&str) -> Result<String, Error>) -> Result<String, Error> {
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

    fn expand(text: &str) -> Result<String, Error> {
        Template::parse(text)?.expand(|name| Ok(format!("<{name}>")))
    }

    #[test]
    fn variables_are_replaced_wherever_they_stand() {
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
        assert!(matches!(expand("{{ a }} {{ b"), Err(Error::InvalidTemplate(_))));
    }
}
