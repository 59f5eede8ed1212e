//! The same endings over TLS.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use sockeye::{Router, Server};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::harness::Running;
use crate::lifecycle::cell::Setting;
use crate::lifecycle::client::Stream;
use crate::lifecycle::{functions, handlers};

/// A certificate for localhost, its key, and a client that trusts it.
struct Trust {
    certificate: String,
    key: String,
    connector: TlsConnector,
}

fn trust() -> &'static Trust {
    static TRUST: OnceLock<Trust> = OnceLock::new();
    TRUST.get_or_init(|| {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::clone(made.cert.der())).unwrap();
        let config = ClientConfig::builder()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Trust {
            certificate: made.cert.pem(),
            key: made.signing_key.serialize_pem(),
            connector: TlsConnector::from(Arc::new(config)),
        }
    })
}

async fn serve(routes: Router) -> Running {
    let trust = trust();
    let config = sockeye::tls_config(trust.certificate.as_bytes(), trust.key.as_bytes()).unwrap();
    let server = Server::bind("127.0.0.1:0").await.unwrap().tls(config);
    Running::start(server, routes)
}

async fn wrap(tcp: TcpStream) -> Pin<Box<dyn Stream>> {
    let name = ServerName::try_from("localhost").unwrap();
    Box::pin(trust().connector.connect(name, tcp).await.unwrap())
}

const HANDLERS: Setting = Setting {
    routes: handlers::routes,
    serve: |routes| Box::pin(serve(routes)),
    wrap: |tcp| Box::pin(wrap(tcp)),
    own: &[],
};

const FUNCTIONS: Setting = Setting {
    routes: functions::routes,
    own: &functions::DROPPED,
    ..HANDLERS
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_end_is_told_once_to_a_handler_over_tls() {
    for phase in handlers::PHASES {
        handlers::column(phase, HANDLERS).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_end_is_told_once_to_a_function_over_tls() {
    for phase in functions::PHASES {
        functions::column(phase, FUNCTIONS).await;
    }
}
