//! The Autobahn test suite in a Python of its own. It is written in Python 2 and stays there.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::autobahn::suite::FOLDER;
use crate::failure::{Failure, Outcome};
use crate::setup;
use crate::step::Step;

const VERSION: &str = "25.10.1";

/// The last line of virtualenv that still makes environments for Python 2.7.
const VIRTUALENV: &str = "virtualenv<20.22";

const LIMIT: Duration = Duration::from_secs(10 * 60);

/// Installs the suite unless it is there already, and gives the path of its program.
pub(crate) fn ensure() -> Outcome<PathBuf> {
    let folder = Path::new(FOLDER);
    let wstest = folder.join("py2/bin/wstest");
    if is_installed(&wstest) {
        return Ok(wstest);
    }
    let python2 = python2()?;
    let python3 = python3()?;
    fs::create_dir_all(folder).map_err(|cause| Failure::io("create", folder, &cause))?;
    let tools = folder.join("tools");
    let py2 = folder.join("py2");
    let run =
        |program: &Path, arguments: &[&str]| Step::new(program, arguments).within(LIMIT).run();
    run(
        &python3,
        &["-m", "venv", "--clear", &tools.to_string_lossy()],
    )?;
    run(&tools.join("bin/pip"), &["install", "--quiet", VIRTUALENV])?;
    let python2 = python2.to_string_lossy();
    let environment = ["--quiet", "--clear", "-p", &python2, &py2.to_string_lossy()];
    run(&tools.join("bin/virtualenv"), &environment)?;
    // Its own pins choose the rest; they are the versions that work together.
    let suite = format!("autobahntestsuite=={VERSION}");
    run(&py2.join("bin/pip"), &["install", "--quiet", &suite])?;
    if is_installed(&wstest) {
        return Ok(wstest);
    }
    Err(Failure::new(format!(
        "the suite was installed, but {} does not report version {VERSION}; delete {FOLDER} and try again",
        wstest.display()
    )))
}

fn is_installed(wstest: &Path) -> bool {
    let version = || Step::new(wstest, &["--autobahnversion"]).output();
    wstest.is_file() && version().is_ok_and(|version| version.contains(VERSION))
}

fn python2() -> Outcome<PathBuf> {
    let named = ["python2.7", "python2"].into_iter().filter_map(setup::find);
    let is_right = "import sys; assert sys.version_info[:2] == (2, 7)";
    let mut found = pyenv_python2().into_iter().chain(named);
    found.find(|python| Step::new(python, &["-c", is_right]).succeeds()).ok_or_else(|| {
        Failure::new(
            "the Autobahn suite needs CPython 2.7 and this machine has none; run `pyenv install 2.7.18`, then this again",
        )
    })
}

/// What pyenv has installed, whether it is the version in use or not.
fn pyenv_python2() -> Vec<PathBuf> {
    let Some(pyenv) = setup::find("pyenv") else {
        return Vec::new();
    };
    let root = Step::new(pyenv, &["root"]).output().unwrap_or_default();
    let versions = fs::read_dir(Path::new(root.trim()).join("versions"));
    let versions = versions.into_iter().flatten().filter_map(Result::ok);
    let python2 = versions.map(|version| version.path().join("bin/python2.7"));
    python2.filter(|python| python.is_file()).collect()
}

/// A Python that can still run the old virtualenv.
fn python3() -> Outcome<PathBuf> {
    let named = ["python3.11", "python3.10", "python3.9", "python3"]
        .into_iter()
        .filter_map(setup::find);
    let mut able =
        named.filter(|python| Step::new(python, &["-c", "import venv, ensurepip"]).succeeds());
    able.next().ok_or_else(|| {
        Failure::new("setting up the Autobahn suite needs Python 3.9 to 3.11 with venv; install python3-venv, then run this again")
    })
}
