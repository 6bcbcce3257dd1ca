//! How a server is configured.

/// What a cluster's server is started with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `max_connections`.
    pub max_connections: u32,
    /// `shared_preload_libraries`.
    pub preload: Vec<String>,
    /// Whether data must outlive a crash of the machine (`fsync`). A crash of the server alone loses nothing either way.
    pub durable: bool,
    /// Any further `name = value`.
    pub extra: Vec<(String, String)>,
}

impl Settings {
    /// For development: durable, with room for one host's pool and a few tools.
    #[must_use]
    pub fn for_development() -> Self {
        Self { max_connections: 100, preload: Vec::new(), durable: true, extra: Vec::new() }
    }

    /// For tests: quick, with room for many hosts at once.
    #[must_use]
    pub fn for_tests() -> Self {
        Self { max_connections: 300, preload: Vec::new(), durable: false, extra: Vec::new() }
    }

    /// As the server's command line takes them: `-c name=value`.
    pub(crate) fn arguments(&self, port: u16) -> Vec<String> {
        let mut all = vec![
            ("listen_addresses".to_owned(), "127.0.0.1".to_owned()),
            ("unix_socket_directories".to_owned(), String::new()),
            ("port".to_owned(), port.to_string()),
            ("max_connections".to_owned(), self.max_connections.to_string()),
            ("shared_preload_libraries".to_owned(), self.preload.join(",")),
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
