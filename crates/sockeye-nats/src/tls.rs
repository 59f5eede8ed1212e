//! TLS: whose certificates are believed.

use std::sync::Arc;

use async_nats::rustls::crypto::ring;
use async_nats::rustls::pki_types::CertificateDer;
use async_nats::rustls::pki_types::pem::PemObject;
use async_nats::rustls::{ClientConfig, RootCertStore};
use sockeye::{Error, Result};

/// Believes what the system believes.
pub(crate) fn of_system() -> Result<ClientConfig> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        return Err(Error::new(
            "cannot use tls:// for NATS: this system has no certificates to believe; give them with `root_certificates`",
        ));
    }
    trusting(roots)
}

/// Believes the certificates of a PEM text, and no others.
pub(crate) fn of_pem(pem: &[u8]) -> Result<ClientConfig> {
    let refused = |found: String| {
        Error::new(format!(
            "cannot use the root certificates for NATS: {found}; give the text of a PEM file with the certificate of \
             the authority that signed the server's"
        ))
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| refused(error.to_string()))?;
        let added = roots.add(certificate);
        added.map_err(|error| refused(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(refused("there is none in the text".into()));
    }
    trusting(roots)
}

/// Believes nobody: for `nats://`, where no server gets to ask for TLS.
pub(crate) fn of_nobody() -> Result<ClientConfig> {
    trusting(RootCertStore::empty())
}

fn trusting(roots: RootCertStore) -> Result<ClientConfig> {
    // Named, because the process may have more than one implementation.
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    Ok(builder
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}
