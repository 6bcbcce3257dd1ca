//! TLS for Postgres, with the system's certificates and at most one more.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::roots;

/// Creates a connector that checks the server's certificate and name. `sslmode` decides if TLS is required.
pub(super) fn connector(root: Option<&str>) -> Result<MakeRustlsConnect> {
    let mut roots = roots::of_the_system().clone();
    if let Some(pem) = root {
        roots.add(certificate(pem)?).context("the root certificate is not usable")?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// Reads the first certificate of a PEM text.
pub(super) fn certificate(pem: &str) -> Result<CertificateDer<'static>> {
    CertificateDer::from_pem_slice(pem.as_bytes()).context("not a certificate in PEM")
}
