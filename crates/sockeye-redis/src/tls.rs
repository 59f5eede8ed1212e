//! TLS: whom a Redis must be certified by, and what we show it. By rustls with ring.

use std::sync::Arc;

use sockeye::{Error, Result};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::WantsClientCert;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ConfigBuilder, RootCertStore};

use crate::broker::RedisBroker;
use crate::stream::Stream;

/// What is trusted and shown.
#[derive(Clone, Default)]
pub(crate) struct Tls {
    /// The system's, where there are none.
    roots: Option<Arc<RootCertStore>>,
    shown: Option<Arc<Shown>>,
}

struct Shown {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl RedisBroker {
    /// Trusts the authorities in `pem` alone, one or more certificates, instead of those of the system.
    ///
    /// # Errors
    /// When there is no certificate in the text that can be trusted.
    pub fn root_certificates(mut self, pem: impl AsRef<[u8]>) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates(pem.as_ref())? {
            let added = roots.add(certificate);
            added
                .map_err(|error| Error::new(format!("cannot trust a root certificate: {error}")))?;
        }
        self.tls.roots = Some(Arc::new(roots));
        Ok(self)
    }

    /// Shows Redis a certificate, with the chain that leads to its authority, and proves it by its key. All is PEM.
    ///
    /// # Errors
    /// When there is no certificate or key in the texts, or they do not belong together.
    pub fn client_certificate(
        mut self,
        chain: impl AsRef<[u8]>,
        key: impl AsRef<[u8]>,
    ) -> Result<Self> {
        let chain = certificates(chain.as_ref())?;
        let key = PrivateKeyDer::from_pem_slice(key.as_ref());
        let key = key.map_err(|error| {
            Error::new(format!("cannot read the client's private key: {error}"))
        })?;
        let shown = Shown { chain, key };
        // Tried now: later nobody looks.
        shown.given_to(builder(RootCertStore::empty())?)?;
        self.tls.shown = Some(Arc::new(shown));
        Ok(self)
    }
}

impl Tls {
    pub(crate) fn supported() -> Result<()> {
        Ok(())
    }

    /// Speaks TLS over a connection with the server of this name.
    pub(crate) async fn secure(&self, host: &str, tcp: TcpStream) -> Result<Box<dyn Stream>> {
        let name = ServerName::try_from(host.to_owned())?;
        let connector = TlsConnector::from(Arc::new(self.config()?));
        let stream = connector.connect(name, tcp).await;
        let stream = stream.map_err(|error| Error::new(format!("no TLS with {host}: {error}")))?;
        Ok(Box::new(stream))
    }

    fn config(&self) -> Result<ClientConfig> {
        let roots = match &self.roots {
            Some(roots) => Arc::clone(roots),
            None => Arc::new(of_system()?),
        };
        let builder = builder(roots)?;
        match &self.shown {
            Some(shown) => shown.given_to(builder),
            None => Ok(builder.with_no_client_auth()),
        }
    }
}

impl Shown {
    fn given_to(
        &self,
        builder: ConfigBuilder<ClientConfig, WantsClientCert>,
    ) -> Result<ClientConfig> {
        let config = builder.with_client_auth_cert(self.chain.clone(), self.key.clone_key());
        config.map_err(|error| Error::new(format!("cannot use the client's certificate: {error}")))
    }
}

fn builder(
    roots: impl Into<Arc<RootCertStore>>,
) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    Ok(builder
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots))
}

fn of_system() -> Result<RootCertStore> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    // One that cannot be read is no reason to distrust the others.
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        return Err(Error::new(
            "this system has no root certificates to check Redis against: install its package ca-certificates, or name \
             them by RedisBroker::root_certificates",
        ));
    }
    Ok(roots)
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>> {
    let found = CertificateDer::pem_slice_iter(pem).collect::<std::result::Result<Vec<_>, _>>();
    let found =
        found.map_err(|error| Error::new(format!("cannot read the certificates: {error}")))?;
    if found.is_empty() {
        return Err(Error::new("found no certificate in the PEM text"));
    }
    Ok(found)
}
