//! Bucket: a token bucket that says whether one more is within a rate. The caller brings the time.

use std::time::Instant;

use crate::config::Rate;

/// Tokens in thousandths, so that slow refills are not rounded away.
const SCALE: u64 = 1000;

#[derive(Debug)]
pub(crate) struct Bucket {
    rate: Rate,
    tokens: u64,
    at: Instant,
}

impl Bucket {
    pub(crate) fn new(rate: Rate, now: Instant) -> Self {
        Self {
            rate,
            tokens: u64::from(rate.burst) * SCALE,
            at: now,
        }
    }

    /// Takes one token; false when there is none.
    pub(crate) fn take(&mut self, now: Instant) -> bool {
        let elapsed_ms = now.saturating_duration_since(self.at).as_millis();
        if elapsed_ms > 0 {
            let refill = u64::try_from(elapsed_ms)
                .unwrap_or(u64::MAX)
                .saturating_mul(u64::from(self.rate.per_second));
            let full = u64::from(self.rate.burst) * SCALE;
            self.tokens = self.tokens.saturating_add(refill).min(full);
            self.at = now;
        }
        let Some(left) = self.tokens.checked_sub(SCALE) else {
            return false;
        };
        self.tokens = left;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_passes_then_the_rate_holds() {
        let start = Instant::now();
        let mut bucket = Bucket::new(Rate::per_second(10, 3), start);
        let taken = |bucket: &mut Bucket, ms| bucket.take(start + Duration::from_millis(ms));
        assert!((0..3).all(|_| taken(&mut bucket, 0)));
        assert!(!taken(&mut bucket, 0));
        assert!(!taken(&mut bucket, 99));
        assert!(taken(&mut bucket, 100));
        assert!(!taken(&mut bucket, 100));
    }
}
