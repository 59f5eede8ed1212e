//! One person's page of the chat: what they do, and what they see.

use std::time::Duration;

use fantoccini::Locator;
use fantoccini::elements::Element;
use fantoccini::key::Key;
use serde::Deserialize;
use tokio::time::Instant;

use crate::chromium::{Chromium, Screen};
use crate::failure::Failure;

/// How long anything may take before a test gives up: far beyond a slow machine, since only failures wait for it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A page that somebody has entered under a name.
pub(crate) struct Page {
    browser: Chromium,
    name: String,
}

/// What the page shows at one moment.
#[derive(Debug, Deserialize)]
pub(crate) struct Seen {
    pub(crate) room: String,
    pub(crate) state: String,
    pub(crate) members: Vec<String>,
    pub(crate) notices: Vec<String>,
    pub(crate) messages: Vec<Said>,
    pub(crate) draft: String,
    pub(crate) send: String,
}

impl Seen {
    pub(crate) fn is_connected(&self) -> bool {
        self.state == "connected"
    }
}

/// One message as the page shows it.
#[derive(Debug, Deserialize, PartialEq)]
pub(crate) struct Said {
    pub(crate) author: String,
    pub(crate) text: String,
    pub(crate) mine: bool,
}

/// Where things are, in CSS pixels.
#[derive(Debug, Deserialize)]
pub(crate) struct Layout {
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) content_width: f64,
    pub(crate) composer: Area,
    pub(crate) send: Area,
}

/// A rectangle on the screen, in CSS pixels.
#[derive(Debug, Deserialize, Clone, Copy)]
pub(crate) struct Area {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Area {
    /// Whether all of it can be seen, and there is something to see.
    pub(crate) fn is_inside(&self, width: f64, height: f64) -> bool {
        let seen =
            self.left >= 0.0 && self.top >= 0.0 && self.right <= width && self.bottom <= height;
        seen && self.right > self.left && self.bottom > self.top
    }
}

const LOOK: &str = r#"
    const all = (id, part = document) => [...part.querySelectorAll(`[data-testid=${id}]`)];
    const text = (id, part) => all(id, part)[0]?.textContent ?? "";
    return {
        room: text("room"),
        state: all("state")[0]?.dataset.state ?? "",
        members: all("member").map(member => text("member-name", member)),
        notices: all("notice").map(notice => notice.textContent),
        messages: all("message").map(message => ({
            author: text("message-author", message),
            text: text("message-text", message),
            mine: message.dataset.mine === "true",
        })),
        draft: all("composer")[0]?.value ?? "",
        send: text("send"),
    };
"#;

const MEASURE: &str = r#"
    const area = id => {
        const { left, top, right, bottom } = document.querySelector(`[data-testid=${id}]`).getBoundingClientRect();
        return { left, top, right, bottom };
    };
    // What sticks out may do so inside a part that scrolls by itself, so the document's width is not enough.
    const all = [...document.querySelectorAll("html, body *")].filter(element => element.checkVisibility());
    const edges = all.map(element => element.getBoundingClientRect().right);
    const widths = all.filter(element => getComputedStyle(element).overflowX !== "hidden").map(element => element.scrollWidth);
    return {
        width: innerWidth, height: innerHeight, content_width: Math.max(...edges, ...widths),
        composer: area("composer"), send: area("send"),
    };
"#;

impl Page {
    /// Opens `url` in a browser of its own, gives `name` when asked, and waits to be let in.
    pub(crate) async fn enter(url: &str, name: &str) -> Result<Self, Failure> {
        Self::enter_with(Screen::Desk, url, name).await
    }

    /// The same on a screen of 390 by 844.
    pub(crate) async fn enter_on_a_phone(url: &str, name: &str) -> Result<Self, Failure> {
        Self::enter_with(Screen::Phone, url, name).await
    }

    async fn enter_with(screen: Screen, url: &str, name: &str) -> Result<Self, Failure> {
        let page = Self {
            browser: Chromium::start(screen).await?,
            name: name.to_owned(),
        };
        page.browser.client().goto(url).await?;
        page.give_name(name).await?;
        page.until("to be connected", Seen::is_connected).await?;
        Ok(page)
    }

    /// Writes `text` into the composer and presses Enter.
    pub(crate) async fn say(&self, text: &str) -> Result<(), Failure> {
        let composer = self.find("composer").await?;
        composer.send_keys(text).await?;
        composer.send_keys(&Key::Enter.to_string()).await?;
        Ok(())
    }

    /// Presses the send button.
    pub(crate) async fn press_send(&self) -> Result<(), Failure> {
        Ok(self.find("send").await?.click().await?)
    }

    /// Changes the name through the page's dialog.
    pub(crate) async fn rename(&self, name: &str) -> Result<(), Failure> {
        self.find("rename").await?.click().await?;
        self.give_name(name).await
    }

    /// Closes the browser.
    pub(crate) async fn leave(self) -> Result<(), Failure> {
        self.browser.quit().await
    }

    /// Looks at the page until `wanted` holds, and returns that look.
    ///
    /// # Errors
    /// When [`PATIENCE`] runs out: the text says what was awaited and what was seen last.
    pub(crate) async fn until(
        &self,
        awaited: &str,
        wanted: impl Fn(&Seen) -> bool,
    ) -> Result<Seen, Failure> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let seen: Seen =
                serde_json::from_value(self.browser.client().execute(LOOK, Vec::new()).await?)?;
            if wanted(&seen) {
                return Ok(seen);
            }
            if Instant::now() >= deadline {
                let name = &self.name;
                return Err(Failure::new(format!(
                    "{name} awaited {awaited} for {PATIENCE:?}, and sees {seen:#?}"
                )));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Measures the window and the composer.
    pub(crate) async fn layout(&self) -> Result<Layout, Failure> {
        Ok(serde_json::from_value(
            self.browser.client().execute(MEASURE, Vec::new()).await?,
        )?)
    }

    async fn give_name(&self, name: &str) -> Result<(), Failure> {
        let input = self.find("name-input").await?;
        input.clear().await?;
        input.send_keys(name).await?;
        Ok(self.find("name-save").await?.click().await?)
    }

    async fn find(&self, testid: &str) -> Result<Element, Failure> {
        let selector = format!("[data-testid={testid}]");
        let search = self
            .browser
            .client()
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::Css(&selector));
        search.await.map_err(|error| {
            Failure::new(format!(
                "no {selector} on the page of {}: {error}",
                self.name
            ))
        })
    }
}
