//! The error of setting up, serving and handling: opaque, with a kind and a source.

use std::error::Error as StdError;
use std::fmt;

/// The result of everything that can fail with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong: one sentence, a [kind](ErrorKind) and, where there is one, the source.
///
/// Any error a handler meets becomes one through `?`, so handlers return plain `Result<()>`. For that reason it is
/// not itself a [`std::error::Error`]; it turns into a boxed one through `?` or [`Error::into_boxed`].
pub struct Error(
    /// One word, so that the `Result` of every hook and every send is one too.
    Box<Found>,
);

struct Found {
    kind: ErrorKind,
    text: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The family of an [`Error`], for programs that decide by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Application code failed: the error came in through `?` or [`Error::new`].
    Application,
    /// The peer asked for something it may not have; status and text are meant for its eyes.
    Refused {
        /// An HTTP-like status, 400 to 599.
        status: u16,
    },
    /// A listener could not be opened or a socket failed.
    Io,
    /// A certificate or key could not be used.
    Tls,
    /// A value could not be written as, or read from, its wire form.
    Encoding,
    /// The connection is over; nothing more can be sent.
    Closed,
    /// A bounded queue has no room: the receiver is slower than the sender.
    Full,
    /// A limit of the configuration would be passed.
    Limit,
    /// A group name that cannot be used.
    Name,
    /// The broker refused, or is out of reach.
    Broker,
    /// A route or handler was named that does not exist or does not fit.
    Routing,
}

impl Error {
    /// An application error from a text, which only the log sees. The peer sees "internal error" and, where it is
    /// answered, an id that the log has too.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self::with(ErrorKind::Application, text)
    }

    /// A refusal that the peer may read: `status` as in HTTP (clamped to 400..=599), `text` shown as it is.
    ///
    /// In a hook of the handshake it is the HTTP response; in a handler it closes the connection with 4000 + status and
    /// `text` as the reason, or becomes the `code` and `message` of an error frame, as
    /// [`Options::on_error`](crate::Options::on_error) says.
    #[must_use]
    pub fn refused(status: u16, text: impl Into<String>) -> Self {
        let status = status.clamp(400, 599);
        Self::with(ErrorKind::Refused { status }, text)
    }

    pub(crate) fn with(kind: ErrorKind, text: impl Into<String>) -> Self {
        Self(Box::new(Found {
            kind,
            text: Some(text.into()),
            source: None,
        }))
    }

    pub(crate) fn caused(
        kind: ErrorKind,
        text: impl Into<String>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self(Box::new(Found {
            kind,
            text: Some(text.into()),
            source: Some(source.into()),
        }))
    }

    /// The family this error belongs to.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The HTTP-like status that the peer is told, with the text: that of a refusal, 400 for a name and 429 for a limit,
    /// because a client that chooses group names or joins too many meets those. `None` stays inside.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self.0.kind {
            ErrorKind::Refused { status } => Some(status),
            ErrorKind::Name => Some(400),
            ErrorKind::Limit => Some(429),
            _ => None,
        }
    }

    /// What lies beneath, when this error was caused by another.
    #[must_use]
    pub fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.source {
            Some(source) => Some(source.as_ref()),
            None => None,
        }
    }

    /// The application's own error, when this one carries a `T`.
    #[must_use]
    pub fn downcast_ref<T: StdError + 'static>(&self) -> Option<&T> {
        self.source()?.downcast_ref()
    }

    /// The same error as an ordinary boxed one, for programs that collect those.
    #[must_use]
    pub fn into_boxed(self) -> Box<dyn StdError + Send + Sync> {
        Box::new(Boxed(self))
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for Error {
    fn from(source: E) -> Self {
        Self(Box::new(Found {
            kind: ErrorKind::Application,
            text: None,
            source: Some(Box::new(source)),
        }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.0.text, &self.0.source) {
            (Some(text), _) => f.write_str(text),
            (None, Some(source)) => source.fmt(f),
            (None, None) => f.write_str("unknown error"),
        }
    }
}

impl fmt::Debug for Error {
    /// The whole chain on one line: `main` prints this form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)?;
        let mut next = match &self.0.text {
            Some(_) => self.source(),
            None => self.source().and_then(StdError::source),
        };
        while let Some(cause) = next {
            write!(f, ": {cause}")?;
            next = cause.source();
        }
        Ok(())
    }
}

struct Boxed(Error);

impl fmt::Display for Boxed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Boxed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl StdError for Boxed {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}

impl From<Error> for Box<dyn StdError + Send + Sync> {
    fn from(error: Error) -> Self {
        error.into_boxed()
    }
}

impl From<Error> for Box<dyn StdError> {
    fn from(error: Error) -> Self {
        error.into_boxed()
    }
}
