//! One person's window on the inventory: what they do, and what they see.

use std::time::Duration;

use fantoccini::Locator;
use fantoccini::elements::Element;
use fantoccini::key::Key;
use fixtures::browser::{Chromium, Failure, PATIENCE, Screen};
use serde::Deserialize;
use tokio::time::{Instant, sleep};

/// A window.
pub(crate) struct Page {
    browser: Chromium,
    name: &'static str,
}

/// What it shows at one moment.
#[derive(Debug, Deserialize)]
pub(crate) struct Seen {
    pub(crate) state: String,
    /// The cells of each row without the id.
    pub(crate) rows: Vec<Vec<String>>,
    pub(crate) trouble: String,
}

const LOOK: &str = r#"
    const all = id => [...document.querySelectorAll(`[data-testid=${id}]`)];
    const value = input => input.type === "checkbox" ? String(input.checked) : input.value;
    return {
        state: all("state")[0]?.dataset.state ?? "",
        rows: all("row").map(row => [...row.querySelectorAll("input")].map(value)),
        trouble: all("trouble")[0]?.textContent ?? "",
    };
"#;

impl Page {
    /// Opens a window of a browser of its own.
    pub(crate) async fn open(
        address: &str,
        table: &str,
        name: &'static str,
    ) -> Result<Self, Failure> {
        Self::open_on(Screen::Desk, address, table, name).await
    }

    /// The same on a phone.
    pub(crate) async fn open_on_a_phone(
        address: &str,
        table: &str,
        name: &'static str,
    ) -> Result<Self, Failure> {
        Self::open_on(Screen::Phone, address, table, name).await
    }

    async fn open_on(
        screen: Screen,
        address: &str,
        table: &str,
        name: &'static str,
    ) -> Result<Self, Failure> {
        let browser = Chromium::start(screen).await?;
        let url = format!("http://{address}/#{table}");
        browser.client().goto(&url).await?;
        Ok(Self { browser, name })
    }

    /// Closes the browser in good order.
    pub(crate) async fn close(self) {
        self.browser.quit().await;
    }

    /// Adds a row.
    pub(crate) async fn add(&self, cells: &[(&str, &str)]) -> Result<(), Failure> {
        for (column, text) in cells {
            let input = self.find(&format!("[data-testid=new-{column}]")).await?;
            input.send_keys(text).await?;
        }
        Ok(self.find("[data-testid=add-row]").await?.click().await?)
    }

    /// Types into a cell, and goes on to the next.
    pub(crate) async fn edit(&self, row: usize, column: &str, text: &str) -> Result<(), Failure> {
        let (control, null, tab) = (
            char::from(Key::Control),
            char::from(Key::Null),
            char::from(Key::Tab),
        );
        let cell = self.find_in(row, column).await?;
        Ok(cell
            .send_keys(&format!("{control}a{null}{text}{tab}"))
            .await?)
    }

    /// Clicks into a row.
    pub(crate) async fn click(&self, row: usize, what: &str) -> Result<(), Failure> {
        Ok(self.find_in(row, what).await?.click().await?)
    }

    /// Types into the filter.
    pub(crate) async fn filter(&self, column: &str, text: &str) -> Result<(), Failure> {
        let input = self.find(&format!("[data-testid=filter-{column}]")).await?;
        input.clear().await?;
        Ok(input.send_keys(text).await?)
    }

    /// Waits until the window shows these rows, and is connected.
    pub(crate) async fn shows(&self, rows: &[&[&str]]) -> Result<(), Failure> {
        self.until(&format!("{rows:?}"), |seen| {
            seen.state == "connected" && seen.rows == rows
        })
        .await
    }

    /// Waits until the window shows something.
    pub(crate) async fn until(
        &self,
        awaited: &str,
        wanted: impl Fn(&Seen) -> bool,
    ) -> Result<(), Failure> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let seen = self.browser.client().execute(LOOK, Vec::new()).await?;
            let seen: Seen = serde_json::from_value(seen)?;
            if wanted(&seen) {
                return Ok(());
            }
            if Instant::now() >= deadline {
                let name = self.name;
                return Err(Failure::new(format!(
                    "{name} awaited {awaited} for {PATIENCE:?}, and sees {seen:#?}"
                )));
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    async fn find_in(&self, row: usize, what: &str) -> Result<Element, Failure> {
        self.find(&format!(
            "tbody tr:nth-child({}) [data-testid={what}]",
            row + 1
        ))
        .await
    }

    async fn find(&self, selector: &str) -> Result<Element, Failure> {
        let search = self.browser.client().wait().at_most(PATIENCE);
        let found = search.for_element(Locator::Css(selector)).await;
        found.map_err(|error| {
            Failure::new(format!(
                "no {selector} in the window of {}: {error}",
                self.name
            ))
        })
    }
}
