//! HAProxy as the Services of the parts. It sends each path to the part that serves it, and tells nothing about the client.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use users_manifests::Object;

use crate::haproxy::HaProxy;

/// A running entrance.
pub(crate) struct Entrance(HaProxy);

impl Entrance {
    /// Starts HAProxy with the paths of an Ingress. `parts` has the address of each SpinApp; paths of other backends lead nowhere.
    pub(crate) fn start(ingress: &Object, parts: &BTreeMap<String, String>) -> Self {
        let mut paths: Vec<(&str, &str)> = ingress
            .list("/spec/rules/0/http/paths")
            .filter_map(|path| Some((path["path"].as_str()?, path["backend"]["service"]["name"].as_str()?)))
            .filter(|(_, part)| parts.contains_key(*part))
            .collect();
        // The longest prefix comes first.
        paths.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
        Self(HaProxy::start(|address, socket| configuration(address, socket, &paths, parts)))
    }

    /// The address for clients: `127.0.0.1:port`.
    pub(crate) fn address(&self) -> &str {
        self.0.address()
    }
}

fn configuration(
    address: &str,
    socket: &str,
    paths: &[(&str, &str)],
    parts: &BTreeMap<String, String>,
) -> String {
    let mut text = format!(
        "global
    stats socket {socket} mode 600 level admin
defaults
    mode http
    timeout connect 2s
    timeout client 60s
    timeout server 60s
frontend in
    bind {address}
"
    );
    for (path, part) in paths {
        let end = path.trim_end_matches('/');
        writeln!(text, "    use_backend {part} if {{ path {path} }} || {{ path_beg {end}/ }}")
            .expect("a text takes lines");
    }
    for (part, address) in parts {
        writeln!(text, "backend {part}\n    server part {address}").expect("a text takes lines");
    }
    text
}
