//! The certificates of this machine, for TLS towards Postgres and web servers.

use std::sync::OnceLock;

use rustls::RootCertStore;

/// The system's certificates. They are read once, because reading takes milliseconds. A system without certificates can still
/// connect without TLS.
pub(crate) fn of_the_system() -> &'static RootCertStore {
    static ROOTS: OnceLock<RootCertStore> = OnceLock::new();
    ROOTS.get_or_init(|| {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        roots
    })
}
