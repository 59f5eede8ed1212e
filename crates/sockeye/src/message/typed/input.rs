//! Input: the text of a typed message, and the parser of its format.

use std::borrow::Cow;

use serde::Deserializer;
use serde::de::DeserializeSeed;
use serde_path_to_error::{Path, Track};

use crate::message::reader::read_well;
use crate::message::typed::case::to_snake;
use crate::message::typed::fault::{Fault, FaultKind};
#[cfg(feature = "msgpack")]
use crate::message::typed::{pack::unpack, walk};
use crate::message::{Form, Format, Payload};

/// A message as it came, in the format that was agreed on.
#[derive(Clone, Copy)]
pub(crate) enum Input<'a> {
    Json(&'a str),
    #[cfg(feature = "msgpack")]
    MessagePack(&'a [u8]),
}

/// What a parser stumbled over.
pub(crate) enum Broken {
    Json(serde_json::Error),
    #[cfg(feature = "msgpack")]
    MessagePack(rmp_serde::decode::Error),
}

impl<'a> Input<'a> {
    /// The message, if it came in the kind of frame that carries the format. What MessagePack says of its lengths was seen
    /// to be true.
    pub(crate) fn new(payload: Payload<'a>, form: Form<'_>) -> Result<Self, Fault> {
        match (form.format, payload) {
            (Format::Json, Payload::Text(text)) => Ok(Self::Json(text)),
            (Format::Json, Payload::Binary(_)) => Err(Fault::new(
                FaultKind::JsonInvalid,
                [],
                "expected JSON in a text frame, found a binary frame",
            )),
            #[cfg(feature = "msgpack")]
            (Format::MessagePack, Payload::Binary(bytes)) => match walk::check(bytes) {
                Ok(()) => Ok(Self::MessagePack(bytes)),
                Err(text) => Err(Fault::new(FaultKind::MessagePackInvalid, [], text)),
            },
            #[cfg(feature = "msgpack")]
            (Format::MessagePack, Payload::Text(_)) => Err(Fault::new(
                FaultKind::MessagePackInvalid,
                [],
                "expected MessagePack in a binary frame, found a text frame",
            )),
        }
    }

    /// The same as JSON with its keys in Rust's case.
    pub(crate) fn in_snake_case(self) -> Result<Cow<'a, str>, Fault> {
        match self {
            Self::Json(text) => Ok(to_snake(text)),
            #[cfg(feature = "msgpack")]
            Self::MessagePack(bytes) => match unpack(bytes) {
                Ok(text) => Ok(Cow::Owned(to_snake(&text).into_owned())),
                Err(text) => Err(Fault::new(FaultKind::MessagePackInvalid, [], text)),
            },
        }
    }

    /// Parses all of it, where it is JSON and nothing is amiss: what is has to be parsed again.
    pub(crate) fn parse_well<T: DeserializeSeed<'a>>(self, seed: T) -> Option<T::Value> {
        match self {
            Self::Json(text) => read_well(text, seed),
            #[cfg(feature = "msgpack")]
            Self::MessagePack(_) => None,
        }
    }

    /// Parses all of it.
    pub(crate) fn parse<T: DeserializeSeed<'a>>(self, seed: T) -> Result<T::Value, Broken> {
        match self {
            Self::Json(text) => {
                let mut reader = serde_json::Deserializer::from_str(text);
                let value = seed.deserialize(&mut reader).map_err(Broken::Json)?;
                reader.end().map_err(Broken::Json)?;
                Ok(value)
            }
            #[cfg(feature = "msgpack")]
            Self::MessagePack(bytes) => {
                let mut reader = message_pack(bytes);
                seed.deserialize(&mut reader).map_err(Broken::MessagePack)
            }
        }
    }

    /// The same at the cost of knowing, when it fails, how far it came.
    pub(crate) fn parse_tracked<T: DeserializeSeed<'a>>(
        self,
        seed: T,
    ) -> Result<T::Value, (Broken, Path)> {
        fn tracked<'de, T: DeserializeSeed<'de>, D: Deserializer<'de>>(
            seed: T,
            reader: D,
        ) -> Result<T::Value, (D::Error, Path)> {
            let mut track = Track::new();
            let reader = serde_path_to_error::Deserializer::new(reader, &mut track);
            seed.deserialize(reader)
                .map_err(|error| (error, track.path()))
        }
        match self {
            Self::Json(text) => {
                let mut reader = serde_json::Deserializer::from_str(text);
                tracked(seed, &mut reader).map_err(|(error, path)| (Broken::Json(error), path))
            }
            #[cfg(feature = "msgpack")]
            Self::MessagePack(bytes) => {
                let mut reader = message_pack(bytes);
                let value = tracked(seed, &mut reader);
                value.map_err(|(error, path)| (Broken::MessagePack(error), path))
            }
        }
    }
}

/// Reads values in the form that they have in JSON, such as ids as text.
#[cfg(feature = "msgpack")]
pub(crate) fn message_pack(
    bytes: &[u8],
) -> rmp_serde::Deserializer<
    rmp_serde::decode::ReadRefReader<'_, [u8]>,
    rmp_serde::config::HumanReadableConfig<rmp_serde::config::DefaultConfig>,
> {
    let mut reader = rmp_serde::Deserializer::from_read_ref(bytes).with_human_readable();
    reader.set_max_depth(walk::DEPTH);
    reader
}

impl Broken {
    /// Whether the text is not of its format, rather than of another shape than expected.
    pub(crate) fn is_syntax(&self) -> bool {
        match self {
            Self::Json(error) => error.is_syntax() || error.is_eof(),
            #[cfg(feature = "msgpack")]
            Self::MessagePack(_) => false,
        }
    }

    /// Whether a value is of another type than expected.
    pub(crate) fn is_type(&self) -> bool {
        match self {
            Self::Json(error) => error.is_data() && error.to_string().starts_with("invalid type: "),
            #[cfg(feature = "msgpack")]
            Self::MessagePack(error) => match error {
                rmp_serde::decode::Error::TypeMismatch(_) => true,
                error => error.to_string().starts_with("invalid type: "),
            },
        }
    }

    /// What the format's syntax is broken as.
    pub(crate) fn kind(&self) -> FaultKind {
        match self {
            Self::Json(_) => FaultKind::JsonInvalid,
            #[cfg(feature = "msgpack")]
            Self::MessagePack(_) => FaultKind::MessagePackInvalid,
        }
    }

    /// What is wrong: with the place in the text where that is the only one to tell.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Json(error) => {
                let mut text = error.to_string();
                let place = format!(" at line {} column {}", error.line(), error.column());
                if error.is_data() && text.ends_with(&place) {
                    text.truncate(text.len() - place.len());
                }
                text
            }
            #[cfg(feature = "msgpack")]
            Self::MessagePack(error) => match error {
                rmp_serde::decode::Error::TypeMismatch(marker) => {
                    format!("invalid type: {marker:?} in MessagePack")
                }
                error => error.to_string(),
            },
        }
    }
}
