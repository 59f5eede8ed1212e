//! Heartbeat: when a silent peer is pinged and when it counts as gone. The caller brings the time.

use std::time::Instant;

use crate::config::Options;

/// What the silence of a peer asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beat {
    /// Send a ping.
    Ping,
    /// No answer came: the peer is gone.
    Dead,
    /// The peer is there but has sent no message for the idle timeout.
    Idle,
}

#[derive(Debug)]
pub(crate) struct Pulse {
    heard: Instant,
    message: Instant,
    pinged: Option<Instant>,
}

impl Pulse {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            heard: now,
            message: now,
            pinged: None,
        }
    }

    /// Notes that bytes arrived, or that we did not listen.
    pub(crate) fn heard(&mut self, now: Instant) {
        self.heard = now;
        self.pinged = None;
    }

    /// Notes that a whole message arrived.
    pub(crate) fn message(&mut self, now: Instant) {
        self.message = now;
    }

    /// What to do now, if anything; a `Ping` is counted as sent.
    pub(crate) fn beat(&mut self, now: Instant, options: &Options) -> Option<Beat> {
        if let Some(pinged) = self.pinged {
            return (now - pinged >= options.heartbeat.timeout).then_some(Beat::Dead);
        }
        if options
            .idle_timeout
            .is_some_and(|limit| now - self.message >= limit)
        {
            return Some(Beat::Idle);
        }
        if now - self.heard < options.heartbeat.interval {
            return None;
        }
        self.pinged = Some(now);
        Some(Beat::Ping)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn silence_is_pinged_once_and_then_dead() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let options = Options::default();
        let mut pulse = Pulse::new(start);
        assert_eq!(pulse.beat(at(24), &options), None);
        assert_eq!(pulse.beat(at(25), &options), Some(Beat::Ping));
        assert_eq!(pulse.beat(at(44), &options), None);
        assert_eq!(pulse.beat(at(45), &options), Some(Beat::Dead));
    }

    #[test]
    fn any_byte_restarts_the_silence_but_only_messages_the_idle_clock() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let options = Options {
            idle_timeout: Some(Duration::from_secs(60)),
            ..Options::default()
        };
        let mut pulse = Pulse::new(start);
        pulse.heard(at(59));
        assert_eq!(pulse.beat(at(59), &options), None);
        assert_eq!(pulse.beat(at(60), &options), Some(Beat::Idle));
        pulse.message(at(60));
        assert_eq!(pulse.beat(at(61), &options), None);
    }
}
