//! Bucket: a token bucket that says whether one more is within a rate. The caller brings the rate and the time.

use crate::config::Rate;
use crate::connection::Moment;

#[derive(Debug)]
pub(crate) struct Bucket {
    tokens: u32,
    /// Up to when time has been turned into tokens.
    refilled: Moment,
}

impl Bucket {
    pub(crate) fn full(rate: Rate, now: Moment) -> Self {
        let tokens = rate.burst;
        let refilled = now;
        Self { tokens, refilled }
    }

    /// Takes one token; false when there is none.
    pub(crate) fn take(&mut self, rate: Rate, now: Moment) -> bool {
        let elapsed_ms = now.since(self.refilled);
        if elapsed_ms > 0 {
            self.refill(rate, elapsed_ms, now);
        }
        let Some(left) = self.tokens.checked_sub(1) else {
            return false;
        };
        self.tokens = left;
        true
    }

    fn refill(&mut self, rate: Rate, elapsed_ms: u32, now: Moment) {
        let per_second = u64::from(rate.per_second);
        let earned = u64::from(elapsed_ms) * per_second / 1000;
        let missing = u64::from(rate.burst.saturating_sub(self.tokens));
        if earned >= missing {
            *self = Self::full(rate, now);
        } else if let Ok(earned) = u32::try_from(earned) {
            // Only whole tokens are taken out of the time, so that slow refills are not rounded away.
            let spent_ms = (u64::from(earned) * 1000).div_ceil(per_second.max(1));
            self.tokens += earned;
            self.refilled = self
                .refilled
                .after(std::time::Duration::from_millis(spent_ms));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(ms: u64) -> Moment {
        Moment::at(Duration::from_millis(ms + 1))
    }

    #[test]
    fn a_burst_passes_then_the_rate_holds() {
        let rate = Rate::per_second(10, 3);
        let mut bucket = Bucket::full(rate, at(0));
        assert!((0..3).all(|_| bucket.take(rate, at(0))));
        assert!(!bucket.take(rate, at(0)));
        assert!(!bucket.take(rate, at(99)));
        assert!(bucket.take(rate, at(100)));
        assert!(!bucket.take(rate, at(100)));
    }

    #[test]
    fn a_slow_rate_is_not_rounded_away_by_frequent_looks() {
        let rate = Rate::per_second(1, 1);
        let mut bucket = Bucket::full(rate, at(0));
        let taken = (0..=10_000).filter(|ms| bucket.take(rate, at(*ms))).count();
        assert_eq!(taken, 11);
    }
}
