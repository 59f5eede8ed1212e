//! Campaign: every run of every contender, side by side.

use std::collections::BTreeSet;

use crate::contender::Contender;
use crate::scenario::Scenario;
use crate::trial::{Sample, Trial};

/// All that is run.
pub(crate) struct Campaign<'a> {
    pub(crate) trial: Trial<'a>,
    pub(crate) scenarios: &'a [&'static Scenario],
    pub(crate) contenders: &'a [Contender],
    pub(crate) repetitions: usize,
}

#[expect(
    clippy::print_stderr,
    reason = "a command line tool speaks by printing"
)]
impl Campaign<'_> {
    /// Contenders run next to each other, in another order each repetition: the machine drifts, and who is first is
    /// slowest. A run that fails is told once and left out, so that it costs no results of the others.
    pub(crate) fn run(&self) -> Vec<Sample> {
        let mut samples = Vec::new();
        let mut told = BTreeSet::new();
        for scenario in self.scenarios {
            eprint!("{} ", scenario.name);
            for repetition in 0..self.repetitions {
                samples.extend(self.turn(scenario, repetition, &mut told));
                eprint!(".");
            }
            eprintln!();
        }
        samples
    }

    fn turn(
        &self,
        scenario: &'static Scenario,
        repetition: usize,
        told: &mut BTreeSet<(&str, &str)>,
    ) -> Vec<Sample> {
        let (behind, ahead) = self.contenders.split_at(repetition % self.contenders.len());
        let turned = ahead.iter().chain(behind);
        let samples = turned.filter_map(|contender| match self.trial.run(scenario, contender) {
            Ok(figures) => Some(Sample::new(scenario, contender, repetition, figures)),
            Err(failure) => {
                let (who, what) = (contender.name, scenario.name);
                let first = told.insert((who, what));
                first.then(|| eprintln!("\n{who} in {what}: {failure}"));
                None
            }
        });
        samples.collect()
    }
}
