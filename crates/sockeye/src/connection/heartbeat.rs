//! Heartbeat: when a silent peer is pinged and when it counts as gone. The caller brings the time.

use crate::config::Options;
use crate::connection::Moment;

/// What the silence of a peer asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beat {
    /// Send a ping.
    Ping,
    /// No answer came: the peer is gone.
    Dead,
    /// The peer has sent no message for the idle timeout.
    Idle,
}

#[derive(Debug)]
pub(crate) struct Pulse {
    /// The last bytes, or the ping since which none came.
    heard: Moment,
    message: Moment,
    pinged: bool,
}

impl Pulse {
    pub(crate) fn new(now: Moment) -> Self {
        Self {
            heard: now,
            message: now,
            pinged: false,
        }
    }

    /// Notes that bytes arrived, or that we did not listen.
    pub(crate) fn heard(&mut self, now: Moment) {
        self.heard = now;
        self.pinged = false;
    }

    /// Notes that a whole message arrived.
    pub(crate) fn message(&mut self, now: Moment) {
        self.message = now;
    }

    /// What to do now, if anything; a `Ping` is counted as sent.
    pub(crate) fn beat(&mut self, now: Moment, options: &Options) -> Option<Beat> {
        if self.pinged && now.reached(self.heard.after(options.heartbeat.timeout)) {
            return Some(Beat::Dead);
        }
        if self.idle_at(options).is_some_and(|at| now.reached(at)) {
            return Some(Beat::Idle);
        }
        if self.pinged || !now.reached(self.heard.after(options.heartbeat.interval)) {
            return None;
        }
        self.heard = now;
        self.pinged = true;
        Some(Beat::Ping)
    }

    /// When to ask again.
    pub(crate) fn due(&self, options: &Options) -> Moment {
        // What a peer answers does not make anybody look earlier, so an open ping must not hide the idle timeout.
        let beat_at = self.heard.after(match self.pinged {
            true => options.heartbeat.timeout,
            false => options.heartbeat.interval,
        });
        self.idle_at(options).map_or(beat_at, |at| at.min(beat_at))
    }

    fn idle_at(&self, options: &Options) -> Option<Moment> {
        let limit = options.idle_timeout?;
        Some(self.message.after(limit))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment::at(Duration::from_secs(seconds + 1))
    }

    #[test]
    fn silence_is_pinged_once_and_then_dead() {
        let options = Options::default();
        let mut pulse = Pulse::new(at(0));
        assert_eq!(
            (pulse.beat(at(24), &options), pulse.due(&options)),
            (None, at(25))
        );
        assert_eq!(pulse.beat(at(25), &options), Some(Beat::Ping));
        assert_eq!(
            (pulse.beat(at(44), &options), pulse.due(&options)),
            (None, at(45))
        );
        assert_eq!(pulse.beat(at(45), &options), Some(Beat::Dead));
    }

    #[test]
    fn any_byte_restarts_the_silence_but_only_messages_the_idle_clock() {
        let options = Options {
            idle_timeout: Some(Duration::from_secs(60)),
            ..Options::default()
        };
        let mut pulse = Pulse::new(at(0));
        pulse.heard(at(59));
        assert_eq!(
            (pulse.beat(at(59), &options), pulse.due(&options)),
            (None, at(60))
        );
        assert_eq!(pulse.beat(at(60), &options), Some(Beat::Idle));
        pulse.message(at(60));
        assert_eq!(pulse.beat(at(61), &options), None);
    }
}
