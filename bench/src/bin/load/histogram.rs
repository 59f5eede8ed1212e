//! Histogram: how long things took, in buckets that are wrong by at most 1.6 %.

/// Buckets for each doubling: 64 of them make neighbours differ by 1/64.
const PARTS: u64 = 64;
/// Doublings from 64 ns on; the last bucket holds everything from 18 minutes.
const DOUBLINGS: u64 = 35;

/// Counts of durations in nanoseconds.
#[derive(Debug)]
pub(crate) struct Histogram {
    buckets: Vec<u64>,
    count: u64,
}

impl Histogram {
    pub(crate) fn new() -> Self {
        let buckets = vec![0; (PARTS * DOUBLINGS) as usize];
        Self { buckets, count: 0 }
    }

    pub(crate) fn record(&mut self, nanoseconds: u64) {
        let last = self.buckets.len() - 1;
        self.buckets[bucket(nanoseconds).min(last)] += 1;
        self.count += 1;
    }

    pub(crate) fn clear(&mut self) {
        self.buckets.fill(0);
        self.count = 0;
    }

    /// The time in microseconds that `share` of all durations do not exceed; none when nothing was recorded.
    pub(crate) fn quantile_us(&self, share: f64) -> Option<f64> {
        let rank = (self.count as f64 * share).ceil().max(1.0) as u64;
        let mut seen = 0;
        let at = self.buckets.iter().position(|count| {
            seen += count;
            seen >= rank
        })?;
        Some(top(at) as f64 / 1e3)
    }
}

/// The bucket of a duration: exact below 64 ns, then 64 for each doubling.
fn bucket(nanoseconds: u64) -> usize {
    let doublings = u64::from(nanoseconds.max(PARTS).ilog2() - PARTS.ilog2());
    (doublings * PARTS + (nanoseconds >> doublings)) as usize
}

/// The largest duration of a bucket.
fn top(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    let doublings = (bucket / PARTS).saturating_sub(1);
    ((bucket - doublings * PARTS + 1) << doublings) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_holds_its_durations_and_is_narrow() {
        for nanoseconds in [0, 1, 63, 64, 127, 128, 1_000, 65_535, 1_000_000_007] {
            let top = top(bucket(nanoseconds));
            assert!(top >= nanoseconds, "{nanoseconds}: {top}");
            assert!(
                top - nanoseconds <= nanoseconds / 64,
                "{nanoseconds}: {top}"
            );
            assert_eq!(bucket(top), bucket(nanoseconds));
            assert_eq!(bucket(top + 1), bucket(nanoseconds) + 1);
        }
    }

    #[test]
    fn quantiles_are_found_by_rank() {
        let mut histogram = Histogram::new();
        assert_eq!(histogram.quantile_us(0.5), None);
        (1..=100).for_each(|us| histogram.record(us * 1000));
        for (share, expected) in [(0.5, 50.0), (0.99, 99.0), (1.0, 100.0)] {
            let found = histogram.quantile_us(share).unwrap();
            assert!((expected..expected * 1.016).contains(&found), "{found}");
        }
        histogram.record(u64::MAX);
        assert!(histogram.quantile_us(1.0).unwrap() > 1e6);
    }
}
