//! Schemathesis, which asks an HTTP interface whatever its OpenAPI document allows and much that it does not, in a Python
//! of its own. The tests of sockeye-live run it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::failure::{Failure, Outcome};
use crate::setup;
use crate::step::Step;

const VERSION: &str = "4.32.5";

/// Where the tests look for it.
const FOLDER: &str = "target/schemathesis";

const LIMIT: Duration = Duration::from_secs(10 * 60);

/// Installs it unless it is there already.
pub(crate) fn ensure() -> Outcome {
    let folder = Path::new(FOLDER);
    if is_installed(folder) {
        return Ok(());
    }
    let run =
        |program: &Path, arguments: &[&str]| Step::new(program, arguments).within(LIMIT).run();
    run(&python3()?, &["-m", "venv", "--clear", FOLDER])?;
    let wanted = format!("schemathesis=={VERSION}");
    run(&folder.join("bin/pip"), &["install", "--quiet", &wanted])?;
    if is_installed(folder) {
        return Ok(());
    }
    Err(Failure::new(format!(
        "schemathesis was installed, but {FOLDER}/bin/st does not report version {VERSION}; delete {FOLDER} and try again"
    )))
}

fn is_installed(folder: &Path) -> bool {
    let st = folder.join("bin/st");
    let version = || Step::new(&st, &["--version"]).output();
    st.is_file() && version().is_ok_and(|version| version.contains(VERSION))
}

fn python3() -> Outcome<PathBuf> {
    let is_able = "import sys, venv, ensurepip; assert sys.version_info >= (3, 10)";
    let python3 = setup::find("python3");
    let python3 = python3.filter(|python| Step::new(python, &["-c", is_able]).succeeds());
    python3.ok_or_else(|| {
        Failure::new("setting up schemathesis needs Python 3.10 or newer with venv; install python3-venv, then run this again")
    })
}
