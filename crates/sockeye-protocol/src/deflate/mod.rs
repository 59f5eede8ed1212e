//! permessage-deflate (RFC 7692): what is wished for, what two peers agree on, and the codecs that carry it out.

mod agreed;
mod compressor;
mod config;
mod extension;
mod inflater;
mod negotiation;
mod parameters;
#[cfg(feature = "serde")]
mod settings;

pub(crate) use compressor::Compressor;
pub(crate) use inflater::Inflater;

pub use agreed::Deflate;
pub use config::DeflateConfig;
pub use extension::{EXTENSIONS_MAX, ExtensionError};
pub use negotiation::{check_answer, negotiate, offer};
