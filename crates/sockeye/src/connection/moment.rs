//! Moment: a point in time on a shard's clock, in four bytes.

use std::num::NonZeroU32;
use std::time::Duration;

/// Milliseconds since its shard began, modulo 2^32 and never 0, so that an `Option` of one takes no more room. Two moments
/// can be told apart as long as they lie less than [`Moment::REACH`] apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment(NonZeroU32);

impl Moment {
    /// The longest time that can be waited for, 24 days: longer timeouts count as this.
    pub(crate) const REACH: Duration = Duration::from_millis(Self::REACH_MS as u64);

    const REACH_MS: u32 = u32::MAX / 2;

    /// The moment that lies `elapsed` after the clock began.
    pub(crate) fn at(elapsed: Duration) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a clock that wraps, as said above"
        )]
        Self::of(elapsed.as_millis() as u32)
    }

    fn of(milliseconds: u32) -> Self {
        Self(NonZeroU32::new(milliseconds).unwrap_or(NonZeroU32::MIN))
    }

    /// The moment `delay` later.
    #[must_use]
    pub(crate) fn after(self, delay: Duration) -> Self {
        Self::of(self.0.get().wrapping_add(milliseconds(delay)))
    }

    /// Milliseconds since `earlier`; 0 when that lies ahead.
    pub(crate) fn since(self, earlier: Self) -> u32 {
        let elapsed = self.0.get().wrapping_sub(earlier.0.get());
        if elapsed > Self::REACH_MS { 0 } else { elapsed }
    }

    /// Whether this is `other` or later.
    pub(crate) fn reached(self, other: Self) -> bool {
        self.0.get().wrapping_sub(other.0.get()) <= Self::REACH_MS
    }

    /// The earlier one of two.
    #[must_use]
    pub(crate) fn min(self, other: Self) -> Self {
        if other.reached(self) { self } else { other }
    }
}

/// A timeout in milliseconds, rounded up: nothing ends early.
fn milliseconds(delay: Duration) -> u32 {
    let rounded = delay.min(Moment::REACH).as_micros().div_ceil(1000);
    u32::try_from(rounded).map_or(Moment::REACH_MS, |ms| ms.min(Moment::REACH_MS))
}

impl Default for Moment {
    /// The beginning.
    fn default() -> Self {
        Self::of(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_keep_their_order_when_the_clock_wraps() {
        let before = Moment::at(Duration::from_millis(u64::from(u32::MAX) - 5));
        let after = before.after(Duration::from_millis(10));
        assert!(after.reached(before) && !before.reached(after));
        assert_eq!((after.since(before), before.since(after)), (10, 0));
        assert_eq!((before.min(after), after.min(before)), (before, before));
    }

    #[test]
    fn timeouts_are_rounded_up_and_bounded() {
        let start = Moment::default();
        assert_eq!(start.after(Duration::from_micros(1)).since(start), 1);
        let far = start.after(Duration::MAX);
        assert!(far.reached(start) && !start.reached(far));
    }
}
