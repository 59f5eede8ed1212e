//! Log: what is logged on this thread, which for a test on tokio's default runtime is all that its server does, or the
//! warnings of all threads.

use std::fmt::{self, Write};
use std::sync::{Arc, LazyLock, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Level, Metadata, Subscriber};

/// The lines so far, each `LEVEL field=value ...`; logging is caught until this is dropped.
pub(crate) struct Log {
    lines: Lines,
    _caught: Option<DefaultGuard>,
}

#[derive(Clone)]
struct Lines {
    least: Level,
    all: Arc<Mutex<Vec<String>>>,
}

impl Lines {
    fn new(least: Level) -> Self {
        let all = Arc::default();
        Self { least, all }
    }
}

impl Log {
    pub(crate) fn catch() -> Self {
        let lines = Lines::new(Level::TRACE);
        let _caught = Some(tracing::subscriber::set_default(lines.clone()));
        Self { lines, _caught }
    }

    /// The warnings of every test in this process, but those that a test has caught for itself.
    pub(crate) fn of_all_threads() -> Self {
        static LINES: LazyLock<Lines> = LazyLock::new(|| {
            let lines = Lines::new(Level::WARN);
            tracing::subscriber::set_global_default(lines.clone()).unwrap();
            lines
        });
        let lines = LINES.clone();
        let _caught = None;
        Self { lines, _caught }
    }

    /// The lines that contain all of `parts`.
    pub(crate) fn lines(&self, parts: &[&str]) -> Vec<String> {
        let lines = self.lines.all.lock().unwrap();
        let fits = |line: &&String| parts.iter().all(|part| line.contains(part));
        lines.iter().filter(fits).cloned().collect()
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= self.least && metadata.target().starts_with("sockeye")
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        self.all.lock().unwrap().push(line.0);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
