//! What the machine must have: how each thing is seen, how it is got, why it is needed.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::failure::{Failure, Outcome};
use crate::step::Step;

/// A program that must be there.
pub(crate) struct Requirement {
    program: &'static str,
    origin: Origin,
    reason: &'static str,
}

enum Origin {
    /// A Debian package.
    Debian(&'static str),
    /// A Debian package with a service of the same name, which is turned off: tests start their own.
    DebianService(&'static str),
    /// A crate with its version, for `cargo install`.
    Crate(&'static str),
    /// The same without the features that it has by default.
    BareCrate(&'static str),
}

pub(crate) const BROWSER: [Requirement; 2] = [
    Requirement {
        program: "chromium",
        origin: Origin::Debian("chromium"),
        reason: "the browser client is tested in a real browser",
    },
    Requirement {
        program: "chromedriver",
        origin: Origin::Debian("chromium-driver"),
        reason: "the tests drive the browser through it",
    },
];

pub(crate) const BROKERS: [Requirement; 2] = [
    Requirement {
        program: "redis-server",
        origin: Origin::DebianService("redis-server"),
        reason: "groups across nodes are tested over a real Redis",
    },
    Requirement {
        program: "nats-server",
        origin: Origin::DebianService("nats-server"),
        reason: "groups across nodes are tested over a real NATS",
    },
];

pub(crate) const DATABASES: [Requirement; 1] = [Requirement {
    program: "postgres",
    origin: Origin::DebianService("postgresql"),
    reason: "live models are tested over a real PostgreSQL",
}];

pub(crate) const CARGO_DENY: Requirement = Requirement {
    program: "cargo-deny",
    origin: Origin::Crate("cargo-deny@0.20.2"),
    reason: "it holds the dependencies against deny.toml",
};

pub(crate) const CARGO_FUZZ: Requirement = Requirement {
    program: "cargo-fuzz",
    origin: Origin::Crate("cargo-fuzz@0.13.2"),
    reason: "it builds and runs the targets in fuzz/",
};

pub(crate) const MDBOOK: Requirement = Requirement {
    program: "mdbook",
    // Serving, watching and searching take more to compile than all that is used.
    origin: Origin::BareCrate("mdbook@0.5.4"),
    reason: "it builds the book",
};

pub(crate) const COUNTING: [Requirement; 2] = [
    Requirement {
        program: "valgrind",
        origin: Origin::Debian("valgrind"),
        reason: "it counts the instructions of the hot paths",
    },
    Requirement {
        program: "gungraun-runner",
        // The version of the library in bench/Cargo.toml.
        origin: Origin::Crate("gungraun-runner@0.20.0"),
        reason: "it runs the hot paths under valgrind",
    },
];

/// Installs what is missing, where this user may; fails with the list of what is still missing.
pub(crate) fn ensure(requirements: &[Requirement]) -> Outcome {
    let missing: Vec<_> = requirements.iter().filter(|each| !each.present()).collect();
    let packages: Vec<_> = missing
        .iter()
        .filter_map(|each| each.origin.package())
        .collect();
    if !packages.is_empty() && find("apt-get").is_some() {
        install_packages(&packages)?;
        let mut services = missing.iter().filter_map(|each| each.origin.service());
        services.try_for_each(turn_off)?;
    }
    for options in missing
        .iter()
        .filter_map(|each| each.origin.cargo_options())
    {
        Step::cargo(&[&["install", "--locked"], options.as_slice()].concat()).run()?;
    }
    let missing: Vec<_> = missing
        .into_iter()
        .filter(|each| !each.present())
        .map(Requirement::explained)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "this machine lacks:\n  {}\ninstall that, then run the command again",
        missing.join("\n  ")
    )))
}

/// The file that the shell would start for `program`.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

impl Requirement {
    fn present(&self) -> bool {
        find(self.program).is_some() || self.apart().is_some()
    }

    /// Where Debian has the programs of a database's versions: not on the `PATH`, beside each other.
    fn apart(&self) -> Option<PathBuf> {
        let versions = Path::new("/usr/lib/postgresql").read_dir().ok()?;
        let programs = versions.map_while(Result::ok);
        programs
            .map(|version| version.path().join("bin").join(self.program))
            .find(|file| file.is_file())
    }

    fn explained(&self) -> String {
        let (program, reason) = (self.program, self.reason);
        match self.origin {
            Origin::Debian(package) | Origin::DebianService(package) => {
                format!("{program} (Debian package {package}): {reason}")
            }
            Origin::Crate(name) | Origin::BareCrate(name) => {
                format!("{program} (cargo install --locked {name}): {reason}")
            }
        }
    }
}

impl Origin {
    fn package(&self) -> Option<&'static str> {
        match self {
            Self::Debian(package) | Self::DebianService(package) => Some(package),
            Self::Crate(_) | Self::BareCrate(_) => None,
        }
    }

    fn service(&self) -> Option<&'static str> {
        match self {
            Self::DebianService(name) => Some(name),
            Self::Debian(_) | Self::Crate(_) | Self::BareCrate(_) => None,
        }
    }

    fn cargo_options(&self) -> Option<Vec<&'static str>> {
        match self {
            Self::Crate(name) => Some(vec![name]),
            Self::BareCrate(name) => Some(vec!["--no-default-features", name]),
            Self::Debian(_) | Self::DebianService(_) => None,
        }
    }
}

/// Needs root, or a `sudo` that asks nothing: this may run where nobody can answer.
fn install_packages(packages: &[&str]) -> Outcome {
    let Some(sudo) = become_root()? else {
        return Ok(());
    };
    let apt = [sudo, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]].concat();
    apt_get(&apt, &["update", "--quiet"])?;
    let install = ["install", "--quiet", "--yes", "--no-install-recommends"];
    apt_get(&apt, &[&install, packages].concat())
}

/// Stops a service that its installation has started, and does not start it with the machine: nothing of ours listens
/// where a user's own may want to.
fn turn_off(service: &str) -> Outcome {
    let Some(sudo) = become_root()?.filter(|_| Path::new("/run/systemd/system").exists()) else {
        return Ok(());
    };
    let words = [sudo, &["systemctl", "disable", "--now", service]].concat();
    run_words(&words, Duration::from_secs(60))
}

/// What to put before a command so that root runs it; none where that takes a password.
fn become_root() -> Outcome<Option<&'static [&'static str]>> {
    if Step::new("id", &["-u"]).output()?.trim() == "0" {
        return Ok(Some(&[]));
    }
    let asks_nothing = Step::new("sudo", &["-n", "true"]).succeeds();
    Ok(asks_nothing.then_some(&["sudo", "-n"]))
}

fn apt_get(apt: &[&str], arguments: &[&str]) -> Outcome {
    run_words(&[apt, arguments].concat(), Duration::from_secs(10 * 60))
}

fn run_words(words: &[&str], limit: Duration) -> Outcome {
    let (program, arguments) = words
        .split_first()
        .ok_or_else(|| Failure::new("no command"))?;
    Step::new(program, arguments).within(limit).run()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_the_path_is_present() {
        assert!(find("sh").is_some());
        assert!(find("no-such-program").is_none());
    }

    #[test]
    fn a_requirement_says_what_to_install_and_why() {
        assert_eq!(
            BROWSER[1].explained(),
            "chromedriver (Debian package chromium-driver): the tests drive the browser through it"
        );
    }
}
