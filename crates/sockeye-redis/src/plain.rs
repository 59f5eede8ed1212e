//! Plain: what there is of TLS without the feature `tls`.

use sockeye::{Error, Result};
use tokio::net::TcpStream;

use crate::stream::Stream;

/// No TLS.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tls(());

impl Tls {
    pub(crate) fn supported() -> Result<()> {
        Err(Error::new(
            "cannot use TLS to Redis: it is not compiled in; write sockeye-redis = { features = [\"tls\"] } in Cargo.toml",
        ))
    }

    /// Never called: URLs that want it are refused.
    #[allow(clippy::unused_async, reason = "with the feature it waits")]
    pub(crate) async fn secure(&self, host: &str, _: TcpStream) -> Result<Box<dyn Stream>> {
        Err(Error::new(format!("cannot use TLS with {host}")))
    }
}
