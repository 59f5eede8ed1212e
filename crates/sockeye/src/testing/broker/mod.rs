//! BrokerSuite: what any broker has to keep, as tests that run against anybody's own.

mod cases;
mod chaos;
mod member;
mod node;
mod outage;
mod stage;
mod storm;

pub use chaos::{Chaos, ChaosReport};
pub use outage::{Outage, OutageFuture};
pub use storm::{Storm, StormReport};

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;

use crate::broker::Broker;
use crate::testing::broker::cases::{CASES, Case, OUTAGES};
use crate::testing::broker::stage::Stage;

/// The promises of [`Broker`] and [`Session`](crate::Session), and what Sockeye makes of them, as tests.
///
/// ```
/// use sockeye::MemoryBroker;
/// use sockeye::testing::BrokerSuite;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let broker = MemoryBroker::new();
/// BrokerSuite::new(move || broker.clone()).only("names_stay_apart").run().await;
/// # }
/// ```
///
/// Nodes and their members are in this process; each node gets a broker of its own, all on the same service. Nobody else
/// may use that meanwhile. Nothing depends on how fast it is: what should come is waited for, with much patience.
pub struct BrokerSuite {
    stage: Stage,
    outage: Option<Box<dyn Outage>>,
    only: Option<String>,
}

impl BrokerSuite {
    /// A suite for the brokers that `make` makes: one for each node, on the same service.
    #[must_use]
    pub fn new<B: Broker>(make: impl Fn() -> B + Send + Sync + 'static) -> Self {
        Self {
            stage: Stage::new(make),
            outage: None,
            only: None,
        }
    }

    /// Also runs what needs the service to go and to come back.
    #[must_use]
    pub fn with_outages(mut self, outage: impl Outage + 'static) -> Self {
        self.outage = Some(Box::new(outage));
        self
    }

    /// How long it waits for anything before it fails. Defaults to 60 s.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.stage.patience = patience;
        self
    }

    /// The largest message that the service is to carry, in bytes. Defaults to 1 MiB.
    #[must_use]
    pub fn message_bytes(mut self, bytes: usize) -> Self {
        self.stage.message_bytes = bytes;
        self
    }

    /// Runs the case of this name alone.
    #[must_use]
    pub fn only(mut self, case: &str) -> Self {
        self.only = Some(case.to_owned());
        self
    }

    /// Runs all cases, one after the other.
    ///
    /// # Panics
    /// When a promise is broken: names the case, the promise and what was seen instead. When no case has the name that
    /// [`only`](Self::only) gives.
    pub async fn run(mut self) {
        let mut ran = 0;
        for case in CASES {
            if self.wants(case.name) {
                judge(case, (case.run)(&self.stage)).await;
                ran += 1;
            }
        }
        let Some(mut outage) = self.outage.take() else {
            return self.ran(ran);
        };
        for case in OUTAGES {
            if self.wants(case.name) {
                judge(case, (case.run)(&self.stage, &mut *outage)).await;
                ran += 1;
            }
        }
        self.ran(ran);
    }

    /// Takes the service away again and again under load, as [`Chaos`] says, and holds every member's messages against
    /// the gaps that it was told of.
    ///
    /// # Panics
    /// When a message is lost without a gap, or comes twice or out of order; when a node does not become ready again;
    /// when there are no [outages](Self::with_outages).
    #[expect(clippy::panic, reason = "this is how a test fails")]
    pub async fn chaos(mut self, chaos: Chaos) -> ChaosReport {
        let Some(mut outage) = self.outage.take() else {
            panic!("chaos needs outages; give them by `with_outages`");
        };
        match chaos::run(&self.stage, &mut *outage, chaos).await {
            Ok(report) => report,
            Err(error) => panic!("chaos: {error}"),
        }
    }

    /// Lets members come and go at random while messages flow, as [`Storm`] says.
    ///
    /// # Panics
    /// When a member misses a message that was published after its join returned; when nodes are subscribed to other
    /// topics than their members' at the end.
    #[expect(clippy::panic, reason = "this is how a test fails")]
    pub async fn storm(self, storm: Storm) -> StormReport {
        match storm::run(&self.stage, storm).await {
            Ok(report) => report,
            Err(error) => panic!("storm: {error}"),
        }
    }

    fn wants(&self, case: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == case)
    }

    #[expect(clippy::panic, reason = "this is how a test fails")]
    fn ran(&self, cases: usize) {
        if let (0, Some(only)) = (cases, &self.only) {
            panic!("the broker suite has no case {only:?}, or it needs outages");
        }
    }
}

/// Runs a case to its end.
#[expect(clippy::panic, reason = "this is how a test fails")]
async fn judge<R>(case: &Case<R>, run: cases::CaseFuture<'_>) {
    let Case { name, promise, .. } = case;
    let seen = match AssertUnwindSafe(run).catch_unwind().await {
        Ok(Ok(())) => return tracing::info!("{name}: kept"),
        Ok(Err(error)) => error.to_string(),
        Err(panic) => told(&*panic),
    };
    panic!("broker suite, {name}: the promise is broken that {promise}: {seen}");
}

/// What a panic says.
fn told(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic").to_owned()
}

impl fmt::Debug for BrokerSuite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrokerSuite")
            .field("outages", &self.outage.is_some())
            .field("only", &self.only)
            .finish_non_exhaustive()
    }
}
