//! Access: which servers, by what right, over what.

use std::fmt;

use async_nats::rustls::ClientConfig;
use async_nats::{ConnectOptions, ServerAddr};
use percent_encoding::percent_decode_str;
use sockeye::{Error, Result};

use crate::tls;

/// All that is needed to be let in. Never shown but for the hosts.
pub(crate) struct Access {
    servers: Vec<ServerAddr>,
    pub(crate) user: Option<(String, String)>,
    pub(crate) token: Option<String>,
    #[cfg(feature = "credentials")]
    pub(crate) credentials: Option<String>,
    tls: ClientConfig,
}

impl Access {
    /// To servers named by addresses with commas between them, by the user or token that one of them carries.
    pub(crate) fn new(addresses: &str) -> Result<Self> {
        let (mut user, mut token) = (None, None);
        let mut servers = Vec::new();
        for address in addresses.split(',') {
            let server = server(address.trim())?;
            match (
                server.username().map(decoded),
                server.password().map(decoded),
            ) {
                (Some(name), Some(password)) => user = Some((name, password)),
                (Some(alone), None) => token = Some(alone),
                (None, _) => {}
            }
            servers.push(bare(server)?);
        }
        let encrypted = servers.iter().filter(|server| server.tls_required());
        let tls = match encrypted.count() {
            0 => tls::of_nobody()?,
            all if all == servers.len() => tls::of_system()?,
            _ => {
                return Err(Error::new(
                    "cannot connect to NATS: some of the addresses are nats:// and some tls://; write tls:// before all",
                ));
            }
        };
        Ok(Self {
            servers,
            user,
            token,
            #[cfg(feature = "credentials")]
            credentials: None,
            tls,
        })
    }

    /// Believes these certificates in place of the system's.
    pub(crate) fn trust(&mut self, pem: &[u8]) -> Result<()> {
        if !self.is_encrypted() {
            return Err(Error::new(
                "cannot use root certificates for NATS: the address is nats://; write tls://",
            ));
        }
        self.tls = tls::of_pem(pem)?;
        Ok(())
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.servers.iter().all(ServerAddr::tls_required)
    }

    pub(crate) fn servers(&self) -> &[ServerAddr] {
        &self.servers
    }

    /// What async-nats is told of it.
    pub(crate) fn options(&self) -> Result<ConnectOptions> {
        let mut options = ConnectOptions::new().tls_client_config(self.tls.clone());
        if let Some((name, password)) = &self.user {
            options = options.user_and_password(name.clone(), password.clone());
        }
        if let Some(token) = &self.token {
            options = options.token(token.clone());
        }
        #[cfg(feature = "credentials")]
        if let Some(credentials) = &self.credentials {
            options = options.credentials(credentials)?;
        }
        Ok(options)
    }
}

/// The hosts alone.
impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, server) in self.servers.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{}:{}", server.host(), server.port())?;
        }
        Ok(())
    }
}

/// The same without credentials, which async-nats does not take from there, and would show in the log.
fn bare(server: ServerAddr) -> Result<ServerAddr> {
    let mut url = server.into_inner();
    // Both fail only where there is no host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    Ok(ServerAddr::from_url(url)?)
}

fn decoded(part: &str) -> String {
    percent_decode_str(part).decode_utf8_lossy().into_owned()
}

fn server(address: &str) -> Result<ServerAddr> {
    let refused = |found: &str| {
        // What is before the last @ is nobody's business.
        let shown = address.rsplit('@').next().unwrap_or_default();
        Error::new(format!(
            "cannot use {shown:?} as the address of a NATS server: {found}; write nats://host:4222 or tls://host:4222, \
             several with commas between them"
        ))
    };
    let scheme = address.split_once("://").map(|(scheme, _)| scheme);
    match scheme {
        Some("nats" | "tls") => {}
        Some(other) => return Err(refused(&format!("{other}:// is not of NATS"))),
        None => return Err(refused("it does not begin with nats:// or tls://")),
    }
    let server: ServerAddr = address
        .parse()
        .map_err(|_| refused("it is no valid address"))?;
    let path = server.clone().into_inner();
    if server.host().is_empty() {
        return Err(refused("it has no host"));
    }
    if !matches!(path.path(), "" | "/") || path.query().is_some() || path.fragment().is_some() {
        return Err(refused("it has more than a host and a port"));
    }
    Ok(server)
}
