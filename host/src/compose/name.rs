//! Names of dependencies. A name may leave out parts of the import's name.

use std::str::FromStr;

use anyhow::{Context as _, Error, Result};
use semver::Version;

/// `package:name[/interface][@version]`, or a plain name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Name {
    package: String,
    interface: Option<String>,
    version: Option<Version>,
}

impl FromStr for Name {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (path, version) = match text.split_once('@') {
            Some((path, version)) => {
                let version = version.parse().with_context(|| format!("{text:?} has no valid version"))?;
                (path, Some(version))
            }
            None => (text, None),
        };
        let (package, interface) = match path.split_once('/') {
            Some((package, interface)) => (package, Some(interface.to_owned())),
            None => (path, None),
        };
        Ok(Self { package: package.to_owned(), interface, version })
    }
}

impl Name {
    /// Returns true if the name matches an import. A part that the name leaves out matches anything.
    pub(super) fn matches(&self, import: &str) -> bool {
        let Ok(import) = import.parse::<Self>() else { return false };
        self.package == import.package
            && self.interface.as_ref().is_none_or(|interface| import.interface.as_ref() == Some(interface))
            && self.version.as_ref().is_none_or(|version| import.version.as_ref() == Some(version))
    }
}

#[cfg(test)]
mod tests {
    use super::Name;

    #[test]
    fn a_part_that_a_name_leaves_out_may_be_anything() {
        let imports = ["a:b/c@0.1.0", "a:b/c", "a:b/d@0.1.0", "a:x/c@0.1.0", "plain"];
        for (name, expected) in [
            ("a:b/c@0.1.0", &imports[..1]),
            ("a:b/c", &imports[..2]),
            ("a:b", &imports[..3]),
            ("plain", &imports[4..]),
            ("a:b/c@0.2.0", &[]),
        ] {
            let name: Name = name.parse().unwrap();
            let matching: Vec<_> = imports.into_iter().filter(|import| name.matches(import)).collect();
            assert_eq!(matching, expected, "{name:?}");
        }
        assert!("a:b@x".parse::<Name>().is_err());
    }
}
