//! Lanes: commands side by side, the words of each in one piece.

use std::env;
use std::fs;
use std::process;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use crate::failure::{Failure, Outcome};
use crate::step::Step;

/// Runs steps, each called by what it does, so many at once as there are lanes; begins in their order. The others are run
/// also after one has failed: whoever mends the first wants to know of them. What the failed ones said comes last, where
/// one looks for it.
pub(crate) fn run(lanes: usize, steps: Vec<(String, Step)>) -> Outcome {
    // Where the words of a command wait for its end.
    let logs = env::temp_dir().join(format!("xtask-logs-{}", process::id()));
    fs::create_dir_all(&logs).map_err(|cause| Failure::io("create", &logs, &cause))?;
    let all = steps.len();
    let (waiting, failed) = (
        Mutex::new(steps.into_iter().enumerate()),
        Mutex::new(Vec::new()),
    );
    let next = || lock(&waiting).next();
    let lane = || {
        while let Some((number, (name, step))) = next() {
            let log = logs.join(format!("{number}.log"));
            let began = Instant::now();
            let outcome = step.log(&log).and_then(Step::run_unseen);
            let words = fs::read_to_string(&log).unwrap_or_default();
            let told = format!("\n== {name} ({:.1?})\n{}", began.elapsed(), words.trim());
            match outcome {
                Ok(()) => println!("{told}"),
                Err(failure) => lock(&failed).push((told, format!("{name}: {failure}"))),
            }
        }
    };
    thread::scope(|scope| (0..lanes).for_each(|_| drop(scope.spawn(lane))));
    // What cannot be removed is left to the system, which clears its temporary folder.
    let _ = fs::remove_dir_all(&logs);
    let failed = lock(&failed);
    if failed.is_empty() {
        return Ok(());
    }
    let (told, list): (Vec<_>, Vec<_>) = failed.iter().cloned().unzip();
    println!("{}", told.join("\n"));
    let (count, list) = (failed.len(), list.join("\n  "));
    Err(Failure::new(format!("{count} of {all} failed:\n  {list}")))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(name: &str, script: &str) -> (String, Step) {
        (name.to_owned(), Step::new("sh", &["-c", script]))
    }

    #[test]
    fn all_are_run_and_those_that_fail_are_named() {
        let folder = env::temp_dir().join(format!("xtask-lanes-{}", process::id()));
        let trace = folder.to_string_lossy().into_owned();
        let touch = |name: &str| shell(name, &format!("mkdir -p {trace} && : > {trace}/{name}"));
        let steps = vec![touch("a"), shell("bad", "exit 3"), touch("b"), touch("c")];
        let failure = run(2, steps).unwrap_err().to_string();
        assert_eq!(
            failure,
            "1 of 4 failed:\n  bad: `sh -c exit 3` failed: exit status: 3"
        );
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 3);
        fs::remove_dir_all(&folder).unwrap();
        assert!(run(2, Vec::new()).is_ok());
    }
}
