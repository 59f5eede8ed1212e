//! Ratios: what we take, in parts of what each peer takes, within one repetition.

use crate::contender::Contender;
use crate::scenario::Scenario;
use crate::trial::Sample;

/// The middle of several values, with the least and the most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

/// One metric of one scenario.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) title: String,
    pub(crate) unit: &'static str,
    /// Our own figure.
    pub(crate) ours: Option<Spread>,
    /// Ours in parts of each peer's, in the peers' order; none where one of the two has no figure.
    pub(crate) ratios: Vec<Option<Spread>>,
}

impl Spread {
    pub(crate) fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let (min, max) = (*values.first()?, *values.last()?);
        let middle = values.len() / 2;
        let median = if values.len() % 2 == 1 {
            values[middle]
        } else {
            f64::midpoint(values[middle - 1], values[middle])
        };
        Some(Self { median, min, max })
    }
}

/// A row for each metric of each scenario. The first contender is ours.
pub(crate) fn rows(
    scenarios: &[&Scenario],
    contenders: &[Contender],
    samples: &[Sample],
) -> Vec<Row> {
    let metrics = scenarios.iter().flat_map(|scenario| {
        let metrics = scenario.metrics.iter();
        metrics.map(move |metric| (*scenario, metric))
    });
    let row = metrics.map(|(scenario, metric)| {
        let figures = |contender: &Contender| -> Vec<(usize, f64)> {
            let samples = samples.iter();
            let samples = samples.filter(|sample| {
                sample.scenario == scenario.name && sample.contender == contender.name
            });
            let figures = samples
                .filter_map(|sample| Some((sample.repetition, sample.figure(metric.figure)?)));
            figures.collect()
        };
        let ours = contenders.first().map(figures).unwrap_or_default();
        let peers = contenders.iter().skip(1).map(figures);
        let separator = if metric.title.is_empty() { "" } else { ": " };
        Row {
            title: format!("{}{separator}{}", scenario.title, metric.title),
            unit: metric.unit,
            ratios: peers
                .map(|theirs| Spread::of(quotients(&ours, &theirs)))
                .collect(),
            ours: Spread::of(ours.into_iter().map(|(_, figure)| figure).collect()),
        }
    });
    row.collect()
}

/// One quotient for each repetition that both took part in: the machine drifts from one to the next.
fn quotients(ours: &[(usize, f64)], theirs: &[(usize, f64)]) -> Vec<f64> {
    let pairs = ours.iter().filter_map(|(repetition, our)| {
        let their = theirs.iter().find(|(other, _)| other == repetition)?;
        Some(our / their.1)
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_the_middle_with_the_ends() {
        let spread = |median, min, max| Some(Spread { median, min, max });
        assert_eq!(Spread::of(vec![3.0, 1.0, 2.0]), spread(2.0, 1.0, 3.0));
        assert_eq!(Spread::of(vec![4.0, 1.0]), spread(2.5, 1.0, 4.0));
        assert_eq!(Spread::of(Vec::new()), None);
    }

    #[test]
    fn only_figures_of_one_repetition_are_divided() {
        let quotients = quotients(&[(0, 1.0), (1, 3.0), (2, 9.0)], &[(2, 3.0), (0, 2.0)]);
        assert_eq!(quotients, [0.5, 3.0]);
    }
}
