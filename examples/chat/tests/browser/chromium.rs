//! One headless Chromium with a profile of its own, so that two of them are two strangers.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::process::{Child, Command};

use crate::failure::Failure;
use crate::server::first_match;

/// What the window looks like to the page.
#[derive(Clone, Copy)]
pub(crate) enum Screen {
    /// 1280 by 800.
    Desk,
    /// 390 by 844, touched instead of clicked.
    Phone,
}

/// A browser and the driver that steers it; both are killed, and the profile removed, when this is dropped.
pub(crate) struct Chromium {
    client: Client,
    browser_pid: Option<u64>,
    profile: PathBuf,
    _driver: Child,
}

impl Chromium {
    /// Starts a browser with nothing open.
    ///
    /// # Errors
    /// When Chromium or its driver is not installed or does not start.
    pub(crate) async fn start(screen: Screen) -> Result<Self, Failure> {
        let binary = find_on_path("chromium")?;
        let mut driver = Command::new(find_on_path("chromedriver")?)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = driver
            .stdout
            .take()
            .ok_or_else(|| Failure::new("chromedriver has no stdout"))?;
        let port = first_match(stdout, |line| {
            let port = line.split_once("started successfully on port ")?.1;
            Some(port.trim_end_matches('.').to_owned())
        })
        .await
        .map_err(|lines| {
            Failure::new(format!(
                "chromedriver did not name its port; its output was {lines:?}"
            ))
        })?;

        let profile = fresh_profile();
        let Value::Object(capabilities) = json!({
            "goog:chromeOptions": options(&binary, &profile, screen),
        }) else {
            return Err(Failure::new("capabilities are an object"));
        };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await?;
        let browser_pid = client
            .capabilities()
            .and_then(|all| all.get("goog:processID"))
            .and_then(Value::as_u64);
        Ok(Self {
            client,
            browser_pid,
            profile,
            _driver: driver,
        })
    }

    /// Steers the one window.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Closes the browser in good order, as a person does.
    pub(crate) async fn quit(mut self) -> Result<(), Failure> {
        self.client.clone().close().await?;
        self.browser_pid = None;
        Ok(())
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // A failed test has no time to ask; the driver's own end would leave the browser running.
        if let Some(pid) = self.browser_pid {
            let _ = process::Command::new("kill")
                .args(["-KILL", &pid.to_string()])
                .status();
        }
        let _ = fs::remove_dir_all(&self.profile);
    }
}

fn options(binary: &str, profile: &Path, screen: Screen) -> Value {
    let mut options = json!({
        "binary": binary,
        "args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--window-size=1280,800", format!("--user-data-dir={}", profile.display()),
        ],
    });
    if let Screen::Phone = screen {
        options["mobileEmulation"] = json!({
            "deviceMetrics": { "width": 390, "height": 844, "pixelRatio": 3.0, "mobile": true, "touch": true },
        });
    }
    options
}

fn fresh_profile() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("chromium-{}-{number}", process::id()))
}

fn find_on_path(program: &str) -> Result<String, Failure> {
    let folders = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&folders)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
        .map(|file| file.display().to_string())
        .ok_or_else(|| {
            Failure::new(format!(
                "{program} is not on PATH: `cargo xtask test` installs it"
            ))
        })
}
