//! Validate: the rules that a message has beside its fields, as garde checks them.

use garde::{Report, Validate};
use serde::Deserialize;

use crate::message::typed::fault::{Fault, FaultKind, Faults, Place};

/// A message with rules.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has rules that nobody checks",
    label = "rules without `garde::Validate`",
    note = "write `#[derive(Message, garde::Validate)]`; a `context` of the rules needs `Default`"
)]
pub trait Rules {
    /// What breaks them.
    ///
    /// # Errors
    /// When something does.
    fn check(&self) -> Result<(), Report>;
}

impl<T: Validate> Rules for T
where
    T::Context: Default,
{
    fn check(&self) -> Result<(), Report> {
        self.validate()
    }
}

/// Adds what breaks the rules of `message`, with places from its payload on. A newtype's payload is what it holds, so
/// that its field is no step on the way.
pub fn validate<M: Rules>(message: &M, is_newtype: bool, faults: &mut Faults) {
    let Err(report) = message.check() else {
        return;
    };
    for (path, error) in report.iter() {
        let steps = serde_json::to_value(path).and_then(Vec::<Step>::deserialize);
        let steps = steps.unwrap_or_default().into_iter();
        let loc = steps.skip(usize::from(is_newtype)).filter_map(Step::place);
        faults.push(Fault::new(FaultKind::ValueError, loc, error.message()));
    }
}

/// A step of garde's paths.
#[derive(Deserialize)]
struct Step(Kind, String);

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    None,
    Key,
    Index,
}

impl Step {
    fn place(self) -> Option<Place> {
        match self.0 {
            Kind::None => None,
            Kind::Key => Some(Place::key(&self.1)),
            Kind::Index => self.1.parse().ok().map(Place::Index),
        }
    }
}
