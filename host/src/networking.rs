//! `allowed_outbound_hosts`: the addresses that a component may reach. An entry is `scheme://host[:port]`. `*` stands
//! for any scheme, host or port, `*.example.com` for its subdomains, `10.0.0.0/8` for a network, and `6000..6100` for
//! the ports from 6000 to 6099.

use std::ops::Range;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail, ensure};
use ip_network::IpNetwork;
use url::{Host, Url};
use users_spin_manifest::Template;

use crate::chaining::DOMAIN;
use crate::variables::Variables;

/// The entries of one component. Their variables are replaced at each check, because a value may change.
pub(crate) struct AllowedHosts {
    entries: Vec<Template>,
    variables: Arc<Variables>,
    /// The names of the application's components, which `*.spin.internal` stands for.
    components: Vec<String>,
}

impl AllowedHosts {
    /// Reads a component's entries and checks those without variables.
    ///
    /// # Errors
    /// When an entry is malformed or names an unknown variable.
    pub(crate) fn parse(
        entries: &[String],
        variables: &Arc<Variables>,
        components: &[String],
    ) -> Result<Self> {
        let parse = |entry: &String| -> Result<Template> {
            ensure!(
                entry != "insecure:allow-all",
                "'insecure:allow-all' is not supported: write '*://*:*' to allow every address"
            );
            let template = variables.template(entry)?;
            if template.is_literal() {
                Rule::parse(entry)?;
            }
            Ok(template)
        };
        let entries = entries.iter().map(parse).collect::<Result<_>>()?;
        Ok(Self { entries, variables: variables.clone(), components: components.to_vec() })
    }

    /// Returns whether `address` (`host`, `host:port` or a URL) may be reached over `scheme`.
    ///
    /// # Errors
    /// When an entry is malformed after its variables are replaced. As in Spin, also when any variable of the application has no
    /// value.
    pub(crate) fn allow(&self, address: &str, scheme: &str) -> Result<bool> {
        let Some(target) = Target::parse(address, scheme) else { return Ok(false) };
        self.any(|rule| rule.allows(&target) && self.is_component(rule, &target))
    }

    /// Returns whether the application itself may be reached over HTTP.
    ///
    /// # Errors
    /// As for [`Self::allow`].
    pub(crate) fn allow_own(&self) -> Result<bool> {
        self.any(Rule::allows_own)
    }

    fn any(&self, is_match: impl Fn(&Rule) -> bool) -> Result<bool> {
        self.variables.all_have_values()?;
        for entry in &self.entries {
            if self.rule(entry)?.is_some_and(|rule| is_match(&rule)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// False for a name that `*.spin.internal` does not stand for, because no component has it.
    fn is_component(&self, rule: &Rule, target: &Target) -> bool {
        let (HostRule::Subdomains(suffix), Host::Domain(host)) = (&rule.host, &target.host) else {
            return true;
        };
        if suffix.strip_prefix('.') != Some(DOMAIN) {
            return true;
        }
        let name = host.strip_suffix(suffix.as_str());
        self.components.iter().any(|component| Some(component.as_str()) == name)
    }

    /// The rule of an entry. An entry that is empty after its variables are replaced has no rule: it stands for an optional
    /// address.
    fn rule(&self, entry: &Template) -> Result<Option<Rule>> {
        let text = self.variables.expand(entry)?;
        let is_empty = !entry.is_literal() && matches!(text.as_str(), "" | "http://" | "https://");
        if is_empty { Ok(None) } else { Rule::parse(&text).map(Some) }
    }
}

/// The address that a component wants to reach.
struct Target {
    scheme: String,
    host: Host,
    port: Option<u16>,
}

impl Target {
    fn parse(address: &str, scheme: &str) -> Option<Self> {
        let url = match Url::parse(address) {
            Ok(url) if url.has_host() => url,
            _ => Url::parse(&format!("{scheme}://{address}")).ok()?,
        };
        Some(Self {
            scheme: url.scheme().to_owned(),
            host: Host::parse(url.host_str()?).ok()?,
            port: url.port().or_else(|| default_port(url.scheme())),
        })
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Rule {
    /// `None` matches any scheme.
    scheme: Option<String>,
    host: HostRule,
    port: PortRule,
}

#[derive(Debug, PartialEq, Eq)]
enum HostRule {
    Any,
    /// The suffix with its leading dot.
    Subdomains(String),
    Exact(Host),
    Network(IpNetwork),
    /// The application itself, which has no address here.
    Own,
}

#[derive(Debug, PartialEq, Eq)]
enum PortRule {
    Any,
    One(u16),
    Several(Range<u16>),
}

impl Rule {
    fn parse(text: &str) -> Result<Self> {
        let (scheme, rest) = text.trim().split_once("://").with_context(|| {
            format!(
                "the allowed host {text:?} has no scheme: write it as 'scheme://host:port', with '*' for any"
            )
        })?;
        let wrong = || format!("the allowed host {text:?} is not of the form 'scheme://host[:port]'");
        let (host, port) = split_port(rest);
        Ok(Self {
            scheme: parse_scheme(scheme).with_context(wrong)?,
            host: HostRule::parse(host).with_context(wrong)?,
            port: PortRule::parse(port, scheme).with_context(wrong)?,
        })
    }

    fn allows(&self, target: &Target) -> bool {
        self.scheme.as_ref().is_none_or(|scheme| *scheme == target.scheme)
            && self.host.allows(&target.host)
            && self.port.allows(target.port)
    }

    fn allows_own(&self) -> bool {
        self.scheme.as_ref().is_none_or(|scheme| matches!(scheme.as_str(), "http" | "https"))
            && matches!(self.host, HostRule::Any | HostRule::Own)
    }
}

/// Splits off the port, unless the colon belongs to an IPv6 address or network.
fn split_port(rest: &str) -> (&str, &str) {
    match rest.rsplit_once(':') {
        Some((host, port)) if port.is_empty() || HostRule::parse(rest).is_err() => {
            (host, port.strip_suffix('/').unwrap_or(port))
        }
        _ => (rest, ""),
    }
}

fn parse_scheme(scheme: &str) -> Result<Option<String>> {
    if scheme == "*" {
        return Ok(None);
    }
    ensure!(scheme.chars().all(char::is_alphabetic), "a scheme has only letters");
    Ok(Some(scheme.to_owned()))
}

impl HostRule {
    fn parse(host: &str) -> Result<Self> {
        let host = host.trim();
        match host {
            "*" => return Ok(Self::Any),
            "self" | "self.alt" => return Ok(Self::Own),
            _ => {}
        }
        if let Ok(network) = IpNetwork::from_str_truncate(host) {
            return Ok(Self::Network(network));
        }
        let host = host.strip_suffix('/').unwrap_or(host);
        ensure!(!host.contains('/'), "a host cannot have a path");
        if let Some(domain) = host.strip_prefix("*.") {
            let Host::Domain(domain) = Host::parse(domain)? else { bail!("only domains have subdomains") };
            ensure!(!domain.contains('*'), "only one '*' can stand in front");
            return Ok(Self::Subdomains(format!(".{domain}")));
        }
        ensure!(!host.contains('*'), "a '*' can only stand in front of a domain");
        Ok(Self::Exact(Host::parse(host)?))
    }

    fn allows(&self, host: &Host) -> bool {
        match (self, host) {
            (Self::Any, _) => true,
            (Self::Subdomains(suffix), Host::Domain(domain)) => domain.ends_with(suffix.as_str()),
            (Self::Exact(exact), host) => exact == host,
            (Self::Network(network), Host::Ipv4(address)) => network.contains(*address),
            (Self::Network(network), Host::Ipv6(address)) => network.contains(*address),
            (Self::Subdomains(_) | Self::Network(_) | Self::Own, _) => false,
        }
    }
}

impl PortRule {
    fn parse(port: &str, scheme: &str) -> Result<Self> {
        if port.is_empty() {
            let port = default_port(scheme)
                .with_context(|| format!("the scheme {scheme:?} has no port of its own, so name one"))?;
            return Ok(Self::One(port));
        }
        if port == "*" {
            return Ok(Self::Any);
        }
        let number = |text: &str| text.parse().with_context(|| format!("{text:?} is not a port"));
        match port.split_once("..") {
            Some((first, last)) => Ok(Self::Several(number(first)?..number(last)?)),
            None => Ok(Self::One(number(port)?)),
        }
    }

    fn allows(&self, port: Option<u16>) -> bool {
        match (self, port) {
            (Self::Any, _) => true,
            (Self::One(one), Some(port)) => *one == port,
            (Self::Several(range), Some(port)) => range.contains(&port),
            (_, None) => false,
        }
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    Some(match scheme {
        "postgres" => 5432,
        "mysql" => 3306,
        "redis" => 6379,
        "mqtt" => 1883,
        "http" => 80,
        "https" => 443,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    fn allowed(entries: &[&str], address: &str) -> Result<bool> {
        let declared = [("db_host", Some("db.internal")), ("db_port", Some("6000")), ("optional", Some(""))];
        let declared = declared.map(|(name, value)| (name.to_owned(), value.map(str::to_owned)));
        let variables = Arc::new(Variables::new(declared, Box::new(|_| Ok(None)))?);
        let entries: Vec<String> = entries.iter().map(ToString::to_string).collect();
        AllowedHosts::parse(&entries, &variables, &["auth".to_owned()])?.allow(address, "postgres")
    }

    #[test]
    fn an_address_is_allowed_by_scheme_host_and_port() {
        for (entry, address, expected) in [
            ("postgres://localhost:6000", "localhost:6000", true),
            ("postgres://localhost:6000", "localhost:6001", false),
            ("postgres://localhost:6000", "127.0.0.1:6000", false),
            ("postgres://localhost", "localhost", true),
            ("postgres://localhost", "localhost:5432", true),
            ("http://localhost:6000", "localhost:6000", false),
            ("*://localhost:*", "localhost:6000", true),
            ("*://*:*", "anything:1", true),
            ("postgres://*.example.com", "db.example.com", true),
            ("postgres://*.example.com", "example.com", false),
            ("postgres://10.0.0.0/8:*", "10.1.2.3:6000", true),
            ("postgres://10.0.0.0/8:*", "11.1.2.3:6000", false),
            ("postgres://db:6000..6002", "db:6001", true),
            ("postgres://db:6000..6002", "db:6002", false),
            ("postgres://[::1]:6000", "[::1]:6000", true),
            ("postgres://self:*", "self:6000", false),
            ("postgres://*.spin.internal", "auth.spin.internal", true),
            ("postgres://*.spin.internal", "missing.spin.internal", false),
            ("postgres://*.spin.internal", "spin.internal", false),
        ] {
            assert_eq!(allowed(&[entry], address).unwrap(), expected, "{entry} {address}");
        }
    }

    #[test]
    fn the_application_itself_is_allowed_by_name_or_with_every_host() {
        for (entry, expected) in [
            ("http://self", true),
            ("https://self.alt", true),
            ("*://*:*", true),
            ("postgres://self", false),
            ("http://127.0.0.1", false),
            ("http://*.spin.internal", false),
        ] {
            let variables = Arc::new(Variables::new([], Box::new(|_| Ok(None))).unwrap());
            let allowed = AllowedHosts::parse(&[entry.to_owned()], &variables, &[]).unwrap();
            assert_eq!(allowed.allow_own().unwrap(), expected, "{entry}");
        }
    }

    #[test]
    fn nothing_is_allowed_without_entries() {
        assert!(!allowed(&[], "localhost:5432").unwrap());
    }

    #[test]
    fn variables_fill_an_entry_and_an_empty_one_is_skipped() {
        let entries = ["{{ optional }}", "postgres://{{ db_host }}:{{ db_port }}"];
        assert!(allowed(&entries, "db.internal:6000").unwrap());
        assert!(!allowed(&entries, "db.internal:5432").unwrap());
    }

    #[test]
    fn a_variable_that_changes_changes_what_is_allowed() {
        let host = Arc::new(Mutex::new("first"));
        let now = host.clone();
        let source = move |name: &str| Ok((name == "host").then(|| (*now.lock().unwrap()).to_owned()));
        let variables = Arc::new(Variables::new([("host".to_owned(), None)], Box::new(source)).unwrap());
        let allowed = AllowedHosts::parse(&["postgres://{{ host }}".to_owned()], &variables, &[]).unwrap();
        let outcomes = || ["first", "second"].map(|address| allowed.allow(address, "postgres").unwrap());
        assert_eq!((outcomes(), outcomes()), ([true, false], [true, false]));
        *host.lock().unwrap() = "second";
        assert_eq!(outcomes(), [false, true]);
    }

    #[test]
    fn malformed_entries_are_refused() {
        for entry in
            ["", "localhost:5432", "insecure:allow-all", "tcp://localhost", "http://a/b", "http://a.*.b", "*"]
        {
            assert!(allowed(&[entry], "localhost").is_err(), "{entry:?}");
        }
    }
}
