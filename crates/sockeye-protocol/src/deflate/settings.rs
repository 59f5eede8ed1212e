//! Settings: a [`DeflateConfig`] as files and environments write it.

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::deflate::DeflateConfig;

/// The fields as they are written, before anything is known of their values.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields, rename = "DeflateConfig")]
struct Written {
    server_context_takeover: bool,
    client_context_takeover: bool,
    server_max_window_bits: u8,
    client_max_window_bits: u8,
    level: u8,
    threshold_bytes: u16,
}

impl Default for Written {
    fn default() -> Self {
        let DeflateConfig {
            server_context_takeover,
            client_context_takeover,
            server_max_window_bits,
            client_max_window_bits,
            level,
            threshold_bytes,
        } = DeflateConfig::default();
        Self {
            server_context_takeover,
            client_context_takeover,
            server_max_window_bits,
            client_max_window_bits,
            level,
            threshold_bytes,
        }
    }
}

/// What is missing keeps its default; what is unknown, or out of its range, is an error.
impl<'de> Deserialize<'de> for DeflateConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Written::deserialize(deserializer)?;
        for bits in [
            written.server_max_window_bits,
            written.client_max_window_bits,
        ] {
            if !matches!(bits, 9..=15) {
                return Err(D::Error::custom(format_args!(
                    "found {bits} window bits, expected 9 to 15"
                )));
            }
        }
        if !matches!(written.level, 1..=9) {
            let level = written.level;
            return Err(D::Error::custom(format_args!(
                "found a compression level of {level}, expected 1 to 9"
            )));
        }
        Ok(Self {
            server_context_takeover: written.server_context_takeover,
            client_context_takeover: written.client_context_takeover,
            server_max_window_bits: written.server_max_window_bits,
            client_max_window_bits: written.client_max_window_bits,
            level: written.level,
            threshold_bytes: written.threshold_bytes,
        })
    }
}
