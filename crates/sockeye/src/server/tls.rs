//! TLS: certificates and keys as a server configuration.

use std::sync::Arc;

use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::error::{Error, ErrorKind, Result};

/// A TLS configuration from PEM text: the certificate chain, the server's own certificate first, and its key. Offers
/// HTTP/2 and HTTP/1.1; asks clients for no certificate.
///
/// # Errors
/// `Tls` when there is no certificate or key in the text, or they do not belong together.
pub fn tls_config(certificates: &[u8], key: &[u8]) -> Result<Arc<ServerConfig>> {
    let chain =
        CertificateDer::pem_slice_iter(certificates).collect::<std::result::Result<Vec<_>, _>>();
    let chain = chain
        .map_err(|error| Error::caused(ErrorKind::Tls, "cannot read the certificates", error))?;
    if chain.is_empty() {
        return Err(Error::with(
            ErrorKind::Tls,
            "cannot use TLS: found no certificate in the PEM text",
        ));
    }
    let key = PrivateKeyDer::from_pem_slice(key);
    let key =
        key.map_err(|error| Error::caused(ErrorKind::Tls, "cannot read the private key", error))?;
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key);
    let mut config = config
        .map_err(|error| Error::caused(ErrorKind::Tls, "cannot use the certificate", error))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
