//! How two peers come to agree (RFC 7692 5, 7.1): the server picks from offers, the client checks the answer.

use http::{HeaderMap, HeaderValue};

use crate::deflate::agreed::{Deflate, Direction};
use crate::deflate::config::DeflateConfig;
use crate::deflate::extension::{self, ExtensionError};
use crate::deflate::parameters::{ClientBits, NAME, Parameters};
use crate::token;

/// For a server: takes the first offer of permessage-deflate in a request's headers that it can keep, with the
/// `Sec-WebSocket-Extensions` of the answer. `None` when there is none: the connection goes on uncompressed.
///
/// An offer with an unknown, repeated or impossible parameter is passed over, and so is one for a window of 2^8 bytes,
/// which no DEFLATE encoder here can keep.
///
/// # Errors
/// When the header breaks its grammar or its bounds, which fails the handshake (RFC 6455 9.1).
pub fn negotiate(
    headers: &HeaderMap,
    config: &DeflateConfig,
) -> Result<Option<(Deflate, HeaderValue)>, ExtensionError> {
    let extensions = extension::parse(headers)?;
    let mut offers = extensions
        .iter()
        .filter(|extension| extension.name == NAME.as_bytes());
    Ok(offers.find_map(|offer| {
        let (deflate, answer) = accept_offer(&Parameters::read(offer)?, config)?;
        let header = HeaderValue::try_from(answer.to_string()).ok()?;
        Some((deflate, header))
    }))
}

/// For a client: the `Sec-WebSocket-Extensions` of a request.
#[must_use]
pub fn offer(config: &DeflateConfig) -> Option<HeaderValue> {
    HeaderValue::try_from(parameters_of(config).to_string()).ok()
}

/// For a client: what a server's answer to [`offer`] agreed on, `None` when it declined.
///
/// # Errors
/// When it agreed to something that was not offered: the connection must not be used (RFC 6455 4.1, RFC 7692 7.1).
pub fn check_answer(
    headers: &HeaderMap,
    config: &DeflateConfig,
) -> Result<Option<Deflate>, ExtensionError> {
    let extensions = extension::parse(headers)?;
    let Some((first, more)) = extensions.split_first() else {
        return Ok(None);
    };
    let unknown = if first.name == NAME.as_bytes() {
        more.first()
    } else {
        Some(first)
    };
    if let Some(unknown) = unknown {
        return Err(ExtensionError::NotOffered {
            found: token::excerpt(unknown.name),
        });
    }
    let found = "one is unknown, repeated or out of range";
    let answer = Parameters::read(first).ok_or(ExtensionError::Unacceptable { found })?;
    let offered = parameters_of(config);
    check_fits(&answer, &offered).map_err(|found| ExtensionError::Unacceptable { found })?;
    let server = Direction::new(
        !answer.server_no_context_takeover,
        answer.server_max_window_bits.unwrap_or(15),
    );
    let client = Direction::new(
        config.client_context_takeover && !answer.client_no_context_takeover,
        match answer.client_max_window_bits {
            Some(ClientBits::Bits(bits)) => bits.min(config.client_max_window_bits),
            _ => config.client_max_window_bits,
        },
    );
    Ok(Some(Deflate::new(server, client, config)))
}

/// What a server makes of one offer; `None` when it cannot keep it.
fn accept_offer(offer: &Parameters, config: &DeflateConfig) -> Option<(Deflate, Parameters)> {
    let server = Direction::new(
        config.server_context_takeover && !offer.server_no_context_takeover,
        offer
            .server_max_window_bits
            .unwrap_or(15)
            .min(config.server_max_window_bits),
    );
    if server.window_bits() < 9 {
        return None;
    }
    let client = Direction::new(
        config.client_context_takeover && !offer.client_no_context_takeover,
        match offer.client_max_window_bits {
            None => 15,
            Some(ClientBits::OnRequest) => config.client_max_window_bits,
            Some(ClientBits::Bits(bits)) => bits.min(config.client_max_window_bits),
        },
    );
    let answer = Parameters {
        server_no_context_takeover: !server.takeover(),
        client_no_context_takeover: !client.takeover(),
        server_max_window_bits: offer.server_max_window_bits.map(|_| server.window_bits()),
        client_max_window_bits: (client.window_bits() < 15)
            .then_some(ClientBits::Bits(client.window_bits())),
    };
    Some((Deflate::new(server, client, config), answer))
}

/// What a client offers.
fn parameters_of(config: &DeflateConfig) -> Parameters {
    let below_15 = |bits: u8| (bits < 15).then_some(bits);
    Parameters {
        server_no_context_takeover: !config.server_context_takeover,
        client_no_context_takeover: !config.client_context_takeover,
        server_max_window_bits: below_15(config.server_max_window_bits),
        client_max_window_bits: Some(
            below_15(config.client_max_window_bits).map_or(ClientBits::OnRequest, ClientBits::Bits),
        ),
    }
}

/// Checks an answer against the offer that it answers, and names what does not fit.
fn check_fits(answer: &Parameters, offered: &Parameters) -> Result<(), &'static str> {
    if offered.server_no_context_takeover && !answer.server_no_context_takeover {
        return Err("server_no_context_takeover is missing");
    }
    if let Some(most) = offered.server_max_window_bits
        && answer.server_max_window_bits.is_none_or(|bits| bits > most)
    {
        return Err("server_max_window_bits is missing or larger than offered");
    }
    match answer.client_max_window_bits {
        Some(ClientBits::OnRequest) => Err("client_max_window_bits has no value"),
        Some(ClientBits::Bits(8)) => {
            Err("client_max_window_bits=8 is a window that cannot be kept")
        }
        Some(ClientBits::Bits(_)) | None => Ok(()),
    }
}
