//! Whatever the document allows, and much that it does not, is answered as the document says: asked by schemathesis.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::rest::shop::{Shop, everywhere};

/// Requests to both databases together.
const REQUESTS: u64 = 10_000;

/// Requests that are made up for each operation, beside those that cover its document.
const EXAMPLES: &str = "180";

/// What it checks is not to be expected here: a body that fits the document may still collide with another row, and
/// everybody may read products.
const EXCEPTIONS: &str = "positive_data_acceptance,ignored_auth";

/// Making requests up takes a minute or two; a machine that is busy with other tests takes more.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_requests_are_answered_as_the_document_says() {
    let [sqlite, postgres] = everywhere().await;
    let (one, two) = tokio::join!(asked(&sqlite, "1"), asked(&postgres, "2"));
    assert!(
        one + two >= REQUESTS,
        "only {one} and {two} requests were made"
    );
}

/// Asks a shop; gives how many requests were made, of which none was answered in a way that the document does not tell.
#[expect(clippy::print_stdout, reason = "what was asked is part of the outcome")]
async fn asked(shop: &Shop, seed: &str) -> u64 {
    let report = run(shop.client.address, seed).await;
    let summary = report.lines().find(|line| line.contains(" generated, "));
    let generated = summary.and_then(|line| line.split_whitespace().next()?.parse().ok());
    println!(
        "schemathesis, seed {seed}: {}",
        summary.unwrap_or_default().trim()
    );
    generated.unwrap_or_else(|| panic!("schemathesis says:\n{report}"))
}

async fn run(address: SocketAddr, seed: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/schemathesis");
    let folder = root.join(format!("run-{seed}"));
    std::fs::create_dir_all(&folder)
        .expect("schemathesis is missing: run `cargo xtask test`, which installs it");
    let mut command = Command::new(root.join("bin/st"));
    command
        .arg("run")
        .arg(format!("http://{address}/openapi.json"))
        .args(["--header", "Authorization: Bearer staff"])
        .args(["--checks", "all", "--exclude-checks", EXCEPTIONS])
        .args(["--phases", "coverage,fuzzing,stateful"])
        .args(["--max-examples", EXAMPLES, "--seed", seed])
        .args(["--no-shrink", "--continue-on-failure", "--warnings", "off"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, command.output()).await;
    let output = output.expect("schemathesis does not end");
    let output =
        output.expect("schemathesis is missing: run `cargo xtask test`, which installs it");
    let report = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "schemathesis says:\n{report}");
    report
}
