//! The four parameters of permessage-deflate (RFC 7692 7.1).

use std::fmt::{self, Display, Formatter};

use crate::deflate::extension::Extension;

/// The token that names permessage-deflate.
pub(crate) const NAME: &str = "permessage-deflate";

/// What an offer or an answer says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parameters {
    pub(crate) server_no_context_takeover: bool,
    pub(crate) client_no_context_takeover: bool,
    /// 8 to 15.
    pub(crate) server_max_window_bits: Option<u8>,
    pub(crate) client_max_window_bits: Option<ClientBits>,
}

/// `client_max_window_bits`, which an offer may leave without a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientBits {
    /// The client can limit its window when asked to.
    OnRequest,
    /// 8 to 15.
    Bits(u8),
}

impl Parameters {
    /// Reads the parameters of an extension named [`NAME`]; `None` when one is unknown, comes twice or has a value that
    /// it may not have, which declines the whole extension.
    pub(crate) fn read(extension: &Extension<'_>) -> Option<Self> {
        let mut read = Self::default();
        for (name, value) in &extension.parameters {
            let value = value.as_deref();
            match *name {
                b"server_no_context_takeover" => {
                    set_flag(&mut read.server_no_context_takeover, value)?;
                }
                b"client_no_context_takeover" => {
                    set_flag(&mut read.client_no_context_takeover, value)?;
                }
                b"server_max_window_bits" => {
                    set(&mut read.server_max_window_bits, window_bits(value?)?)?;
                }
                b"client_max_window_bits" => {
                    let bits = match value {
                        None => ClientBits::OnRequest,
                        Some(value) => ClientBits::Bits(window_bits(value)?),
                    };
                    set(&mut read.client_max_window_bits, bits)?;
                }
                _ => return None,
            }
        }
        Some(read)
    }
}

impl Display for Parameters {
    /// The extension as it stands in the header.
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(NAME)?;
        if self.server_no_context_takeover {
            formatter.write_str("; server_no_context_takeover")?;
        }
        if self.client_no_context_takeover {
            formatter.write_str("; client_no_context_takeover")?;
        }
        if let Some(bits) = self.server_max_window_bits {
            write!(formatter, "; server_max_window_bits={bits}")?;
        }
        match self.client_max_window_bits {
            None => Ok(()),
            Some(ClientBits::OnRequest) => formatter.write_str("; client_max_window_bits"),
            Some(ClientBits::Bits(bits)) => write!(formatter, "; client_max_window_bits={bits}"),
        }
    }
}

/// Sets a parameter that has no value and comes once.
fn set_flag(flag: &mut bool, value: Option<&[u8]>) -> Option<()> {
    let is_first = !std::mem::replace(flag, true);
    (is_first && value.is_none()).then_some(())
}

/// Sets a parameter that comes once.
fn set<T>(parameter: &mut Option<T>, value: T) -> Option<()> {
    parameter.replace(value).is_none().then_some(())
}

/// Reads 8 to 15, without leading zeros (RFC 7692 7.1.2.1).
fn window_bits(value: &[u8]) -> Option<u8> {
    match value {
        [digit @ b'8'..=b'9'] => Some(digit - b'0'),
        [b'1', digit @ b'0'..=b'5'] => Some(10 + digit - b'0'),
        _ => None,
    }
}
