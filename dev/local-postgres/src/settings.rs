//! The configuration of a server.

/// The settings that a server starts with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `max_connections`.
    pub max_connections: u32,
    /// True if data survives a crash of the machine (`fsync`). A crash of the server alone never loses data.
    pub durable: bool,
    /// Further settings, as name and value.
    pub extra: Vec<(String, String)>,
}

impl Settings {
    /// Settings for development: durable, with connections for one host and a few tools.
    #[must_use]
    pub fn for_development() -> Self {
        Self { max_connections: 100, durable: true, extra: Vec::new() }
    }

    /// Settings for tests: fast instead of durable, with connections for several hosts.
    #[must_use]
    pub fn for_tests() -> Self {
        Self { max_connections: 300, durable: false, extra: Vec::new() }
    }

    /// The arguments for the server's command line: `-c name=value`.
    pub(crate) fn arguments(&self, port: u16) -> Vec<String> {
        let mut all = vec![
            ("listen_addresses".to_owned(), "127.0.0.1".to_owned()),
            ("unix_socket_directories".to_owned(), String::new()),
            ("port".to_owned(), port.to_string()),
            ("max_connections".to_owned(), self.max_connections.to_string()),
            ("lc_messages".to_owned(), "C".to_owned()),
            ("logging_collector".to_owned(), "off".to_owned()),
        ];
        if !self.durable {
            all.extend(
                [("fsync", "off"), ("full_page_writes", "off")].map(|(n, v)| (n.to_owned(), v.to_owned())),
            );
        }
        all.extend(self.extra.iter().cloned());
        all.into_iter().flat_map(|(name, value)| ["-c".to_owned(), format!("{name}={value}")]).collect()
    }
}
