//! The installed suite: where it writes, and how a shard of it is started.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use crate::autobahn::Role;
use crate::autobahn::shard::Shard;
use crate::failure::{Failure, Outcome};
use crate::step::Step;

pub(crate) const FOLDER: &str = ".autobahn";
pub(crate) const REPORTS: &str = ".autobahn/reports";

/// The slowest shard takes 6 minutes on two idle cores, and 12 on two that also build.
pub(crate) const SHARD_LIMIT: Duration = Duration::from_secs(20 * 60);

/// What the reports call us.
pub(crate) const AGENT: &str = "sockeye";

pub(crate) struct Suite {
    wstest: PathBuf,
    role: Role,
    /// Absolute, as the suite takes paths from its own folder.
    reports: PathBuf,
}

impl Suite {
    /// Clears the reports of earlier runs of this role: what is judged was written by this one.
    pub(crate) fn new(wstest: PathBuf, role: Role) -> Outcome<Self> {
        let reports = Path::new(REPORTS).join(match role {
            Role::Server => "server",
            Role::Client => "client",
        });
        if reports.exists() {
            fs::remove_dir_all(&reports).map_err(|cause| Failure::io("clear", &reports, &cause))?;
        }
        fs::create_dir_all(&reports).map_err(|cause| Failure::io("create", &reports, &cause))?;
        let root =
            env::current_dir().map_err(|cause| Failure::io("find", Path::new("."), &cause))?;
        Ok(Self {
            wstest,
            role,
            reports: root.join(reports),
        })
    }

    /// The suite as a command for one shard: the client of a server at `url`, or the server at `url`.
    pub(crate) fn step(&self, shard: &Shard, url: &str) -> Outcome<Step> {
        let specification = self.file(shard, "json");
        let (mode, target) = match self.role {
            Role::Server => (
                "fuzzingclient",
                json!({"servers": [{"agent": AGENT, "url": url}]}),
            ),
            Role::Client => ("fuzzingserver", json!({"url": url})),
        };
        let mut text = json!({
            "outdir": self.reports.join(&shard.name),
            "cases": shard.cases,
            "exclude-cases": [],
            "exclude-agent-cases": {},
        });
        merge(&mut text, target);
        fs::write(&specification, text.to_string())
            .map_err(|cause| Failure::io("write", &specification, &cause))?;
        let specification = specification.to_string_lossy().into_owned();
        let arguments = ["--webport", "0", "-m", mode, "-s", &specification];
        let step = Step::new(&self.wstest, &arguments).within(SHARD_LIMIT);
        step.log(&self.file(shard, "log"))
    }

    /// What the suite reported for a shard, per agent.
    pub(crate) fn report(&self, shard: &Shard) -> Outcome<Value> {
        let index = self.reports.join(&shard.name).join("index.json");
        let text =
            fs::read_to_string(&index).map_err(|cause| Failure::io("read", &index, &cause))?;
        serde_json::from_str(&text)
            .map_err(|cause| Failure::new(format!("cannot read {}: {cause}", index.display())))
    }

    fn file(&self, shard: &Shard, extension: &str) -> PathBuf {
        self.reports.join(format!("{}.{extension}", shard.name))
    }
}

fn merge(object: &mut Value, more: Value) {
    if let (Value::Object(object), Value::Object(more)) = (object, more) {
        object.extend(more);
    }
}
