//! The groups of a connection: joining, leaving, being seen in them, publishing to them.

use std::sync::Arc;

use serde::Serialize;
use serde_json::value::to_raw_value;
use smallvec::SmallVec;

use crate::error::{Error, ErrorKind, Result};
use crate::group::{Group, GroupName, IntoGroupName, Memberships, Seat, Seen};
use crate::message::Outgoing;
use crate::socket::Peer;

/// Bytes of what a connection is tracked with, as JSON: all members of its groups get them.
const INFO_BYTES_MAX: usize = 1024;

impl Peer {
    /// Joins a group: `cx.join("lobby")`, `cx.join(("room", room))`. What is published once this returned reaches this
    /// connection. Joining twice changes nothing; the end of the connection leaves every group.
    ///
    /// # Errors
    /// `Name`; `Limit` when in [`Options::groups`](crate::Options::groups) already; `Closed` after the end; `Broker` when the
    /// broker refuses the subscription. One that is out of reach refuses nothing: the join succeeds at once, and a
    /// [gap](crate::Gap) is told when other nodes are heard.
    ///
    /// # Cancel safety
    /// Dropped before it finishes, the connection is no member.
    pub async fn join(&self, group: impl IntoGroupName) -> Result<()> {
        let name = group.into_group_name()?;
        if !self.may_join(&name, &self.holdings.lock().groups)? {
            return Ok(());
        }
        let entered = self.hub().enter(name.clone()).await?;
        let mut holdings = self.holdings.lock();
        // Asked again: a join of the same group, or the end, may have come while this one waited for the broker.
        if self.may_join(&name, &holdings.groups)? {
            self.hub()
                .engine()
                .join(self.sender.link(), &entered.listening.topic);
            holdings.groups.push(entered);
        }
        Ok(())
    }

    /// Whether there is a group to join: false when this connection is a member.
    fn may_join(&self, name: &GroupName, groups: &Memberships) -> Result<bool> {
        if groups.contains(name) {
            return Ok(false);
        }
        let (found, limit) = (groups.as_slice().len(), self.options().groups);
        if found >= limit {
            let text =
                format!("cannot join {name}: in {found} groups already, the limit is {limit}");
            return Err(Error::with(ErrorKind::Limit, text));
        }
        if !self.sender.is_open() {
            let text = format!("cannot join {name}: the connection is over");
            return Err(Error::with(ErrorKind::Closed, text));
        }
        Ok(true)
    }

    /// Leaves a group; false when it was no member. What was published before may still arrive.
    ///
    /// # Errors
    /// `Name`.
    pub fn leave(&self, group: impl IntoGroupName) -> Result<bool> {
        let name = group.into_group_name()?;
        let mut holdings = self.holdings.lock();
        let Some(entered) = holdings.groups.remove(&name) else {
            return Ok(false);
        };
        let link = self.sender.link();
        self.hub().untrack(&entered.listening, link);
        self.hub().engine().leave(link, &entered.listening.topic);
        // Unlocked first: giving up the place may go as far as the broker.
        drop(holdings);
        drop(entered);
        Ok(true)
    }

    /// The names of the groups this connection is in, in the order it joined.
    #[must_use]
    pub fn groups(&self) -> Vec<GroupName> {
        let holdings = self.holdings.lock();
        let groups = holdings.groups.as_slice().iter();
        groups
            .map(|entered| entered.listening.name().clone())
            .collect()
    }

    /// A group by name, whether or not this connection is in it: `cx.group("staff")?.broadcast(..)`.
    ///
    /// # Errors
    /// `Name`.
    pub fn group(&self, name: impl IntoGroupName) -> Result<Group> {
        let group = self.hub().group(name)?;
        Ok(group.published_by(self.publisher()))
    }

    /// The same group without this connection.
    ///
    /// # Errors
    /// `Name`.
    pub fn others_in(&self, name: impl IntoGroupName) -> Result<Group> {
        Ok(self.group(name)?.without_publisher())
    }

    /// Lets the members of a group that this connection is in see it there, on all nodes, with `info`: a name, a state.
    /// Each of the others hears of it by an [event](crate::Event::presence), which goes to its client where its handler says
    /// nothing else, and [`Group::roster`] lists it, until it leaves. Called again, it is seen with something else.
    ///
    /// What each costs grows with the members: meant for groups of up to a few thousand.
    ///
    /// # Errors
    /// `Application` when it is no member, or the group is one of [this node alone](GroupName::local); `Encoding` when `info` has no JSON form; `Limit` when that is longer than 1 KiB, or
    /// longer than 512 KiB together with those of the group that are tracked on this node.
    pub fn track(&self, group: impl IntoGroupName, info: impl Serialize) -> Result<()> {
        let name = group.into_group_name()?;
        let info = to_raw_value(&info).map_err(|error| {
            let text = format!("cannot be tracked in {name}: the info has no JSON form");
            Error::caused(ErrorKind::Encoding, text, error)
        })?;
        let found = info.get().len();
        if found > INFO_BYTES_MAX {
            let text = format!(
                "cannot be tracked in {name}: the info has {found} bytes, at most {INFO_BYTES_MAX} are allowed"
            );
            return Err(Error::with(ErrorKind::Limit, text));
        }
        if name.is_local() {
            let text = format!("cannot be tracked in {name}: it is a group of this node alone");
            return Err(Error::with(ErrorKind::Application, text));
        }
        let user = Seat::of(&self.handshake).map(|seat| seat.user().as_str().into());
        let info = info.into();
        // Held meanwhile: whoever leaves is tracked no more afterwards.
        let holdings = self.holdings.lock();
        let Some(entered) = holdings.groups.get(&name) else {
            let text = format!("cannot be tracked in {name}: join it first");
            return Err(Error::with(ErrorKind::Application, text));
        };
        let seen = Seen { user, info };
        self.hub()
            .track(&entered.listening, self.sender.link(), seen)
    }

    /// Lets nobody see this connection in a group any more; false when nobody did.
    ///
    /// # Errors
    /// `Name`.
    pub fn untrack(&self, group: impl IntoGroupName) -> Result<bool> {
        let name = group.into_group_name()?;
        let holdings = self.holdings.lock();
        let entered = holdings.groups.get(&name);
        let untracked =
            entered.map(|entered| self.hub().untrack(&entered.listening, self.sender.link()));
        Ok(untracked.unwrap_or_default())
    }

    /// Publishes to every group this connection is in, encoding once.
    pub(crate) fn broadcast(&self, message: &impl Outgoing, with_self: bool) -> Result<()> {
        let publisher = self.publisher();
        let frame = self.hub().encode(message, Some(&publisher))?;
        let mut audience = self.hub().audience(&frame, Some(&publisher));
        if !with_self {
            audience.except = Some(publisher.link);
        }
        // Copied out, so that no lock is held while a broker is at work.
        let groups: SmallVec<[_; 4]> = {
            let holdings = self.holdings.lock();
            let groups = holdings.groups.as_slice().iter();
            let shared = groups.filter(|entered| !entered.listening.name().is_local());
            shared
                .map(|entered| Arc::clone(&entered.listening))
                .collect()
        };
        if groups.is_empty() {
            let text = "cannot broadcast: this connection is in no group; join one, or name one with `group(..)`";
            // The program's mistake and no business of the client's.
            return Err(Error::with(ErrorKind::Application, text));
        }
        let mut groups = groups.iter();
        groups.try_for_each(|listening| self.hub().publish_in(listening, &frame, &audience))
    }

    /// Gives up every membership, and the user's seat; the engine has ended the deliveries already.
    pub(crate) fn leave_all(&self) {
        if let Some(seat) = Seat::of(&self.handshake) {
            seat.leave();
        }
        let groups = std::mem::take(&mut self.holdings.lock().groups);
        for entered in groups.as_slice() {
            self.hub().untrack(&entered.listening, self.sender.link());
        }
        // Given up in the order they were joined, and with the lock gone.
        drop(groups);
    }
}
