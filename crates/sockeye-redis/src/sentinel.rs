//! Sentinel: the servers that know which Redis is the master.

use futures_util::future::select_ok;
use sockeye::{Error, Result};

use crate::Tls;
use crate::endpoint::{Endpoint, Place};
use crate::link::ask_once;

/// A master by its name, and who can be asked for it.
#[derive(Clone)]
pub(crate) struct Sentinels {
    name: String,
    /// As whom the master is spoken to; where it is, is asked.
    master: Endpoint,
    seeds: Vec<Endpoint>,
}

impl Sentinels {
    pub(crate) fn new(master: Endpoint, seeds: Vec<Endpoint>) -> Result<Self> {
        let Place::Tcp { host: name, .. } = &master.place else {
            return Err(Error::new(
                "cannot find a master by a path; write its name as the host, like redis://user:password@mymaster",
            ));
        };
        Ok(Self {
            name: name.clone(),
            master,
            seeds,
        })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn seeds(&self) -> &[Endpoint] {
        &self.seeds
    }

    /// Where the master is now, as the first says that answers.
    ///
    /// # Errors
    /// When none answers, or none knows it.
    pub(crate) async fn find(&self, tls: &Tls) -> Result<Endpoint> {
        let asked = self.seeds.iter().map(|seed| Box::pin(self.ask(seed, tls)));
        let (place, _) = select_ok(asked).await?;
        Ok(self.master.at(place))
    }

    async fn ask(&self, seed: &Endpoint, tls: &Tls) -> Result<Place> {
        let mut question = redis::cmd("SENTINEL");
        question.arg("GET-MASTER-ADDR-BY-NAME").arg(&self.name);
        let found: Option<(String, u16)> = ask_once(seed, tls, &question).await?;
        let unknown = || {
            Error::new(format!(
                "the sentinel at {seed} knows no master {:?}",
                self.name
            ))
        };
        let (host, port) = found.ok_or_else(unknown)?;
        Ok(Place::Tcp { host, port })
    }
}
