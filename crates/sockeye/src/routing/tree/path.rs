//! The path of a request, split and decoded for matching.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use smallvec::SmallVec;

use crate::routing::segment::is_dots;
use crate::routing::{PATH_BYTES_MAX, SEGMENTS_MAX};

/// The path of a request: its segments, each percent-decoded by itself, so that an encoded slash
/// stays inside.
#[derive(Debug)]
pub(super) struct RequestPath<'p> {
    segments: SmallVec<[Cow<'p, str>; 8]>,
}

impl<'p> RequestPath<'p> {
    /// Splits `raw`, a path as sent; `None` when no route can take it: too long, not beginning with
    /// a slash, not UTF-8 once decoded, or with a segment `.` or `..`.
    pub(super) fn split(raw: &'p str) -> Option<Self> {
        if raw.len() > PATH_BYTES_MAX {
            return None;
        }
        let path = raw.strip_prefix('/')?;
        let mut segments = SmallVec::new();
        for part in path.split('/') {
            let segment = percent_decode_str(part).decode_utf8().ok()?;
            if segments.len() == SEGMENTS_MAX || is_dots(&segment) {
                return None;
            }
            segments.push(segment);
        }
        Some(Self { segments })
    }

    pub(super) fn segments(&self) -> &[Cow<'p, str>] {
        &self.segments
    }
}

/// Writes segments as one text with slashes between them.
pub(super) fn joined(segments: &[Cow<'_, str>]) -> String {
    segments.join("/")
}
