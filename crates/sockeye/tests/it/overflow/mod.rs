//! Overflow: what a member that reads too slowly loses, what it is told of that, and that nobody else notices.

mod latest;
mod oldest;
mod telling;

use std::sync::{Arc, Mutex};

use sockeye::{
    Context, Endpoint, Gap, Group, GroupName, Handler, Hub, HubOptions, Options, Overflow, Result,
    Router, Server, endpoint,
};
use tokio::net::TcpSocket;

use crate::harness::{Raw, Running, until};

/// Of which groups that drop may fill half.
const OUTBOX_BYTES: usize = 64 * 1024;

/// Makes a message about 1 KiB long.
const PADDING: usize = 1000;

/// A member of these groups: `feed` and `more` drop or replace, `news` does not. Echoes, and tells its client of gaps.
struct Reader(&'static [&'static str]);

impl Handler for Reader {
    type Incoming = String;
    type Outgoing = String;

    fn groups(&self, _: &Context<Self>) -> Result<Vec<GroupName>> {
        self.0.iter().map(|name| GroupName::new([*name])).collect()
    }

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        cx.reply(text)
    }

    async fn on_gap(&mut self, cx: &mut Context<Self>, gap: Gap) -> Result<()> {
        cx.reply(format!("gap:{} {}", gap.group, gap.messages.unwrap()))
    }
}

fn options(outbox_bytes: usize) -> Options {
    let mut options = Options::default();
    options.outbox_bytes = outbox_bytes;
    options.rate = None;
    options
}

/// A hub of one shard, so that whatever one member got has been decided for all.
fn hub_options(overflow: Overflow) -> HubOptions {
    let mut options = HubOptions::default();
    options.shards = 1;
    options.overflow("feed", overflow);
    options.overflow("more", overflow);
    options
}

/// A server with `/slow`, whose outboxes are small, and `/fast`, whose are not; its sockets hold little themselves.
fn serve(hub: &Hub, slow: impl Into<Option<Endpoint>>) -> Running {
    let slow = slow.into();
    let reader =
        |groups, outbox_bytes| endpoint(move || Reader(groups)).options(options(outbox_bytes));
    let slow = slow.unwrap_or_else(|| reader(&["feed", "news", "more"], OUTBOX_BYTES));
    let fast = reader(&["feed", "news"], 64 * 1024 * 1024);
    let routes = Router::new().hub(hub).route("/slow", slow);
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_send_buffer_size(8 * 1024).unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let server = Server::from_listener(socket.listen(16).unwrap());
    Running::start(server, routes.route("/fast", fast))
}

/// Waits until the feed has so many members.
async fn members(hub: &Hub, count: usize) {
    let feed = hub.group("feed").unwrap();
    until("members of the feed", || feed.members() == count).await;
}

/// Two members: one that reads only when the test does, and whose socket holds little, and a fast one.
async fn both(server: &Running) -> (Raw, Fast) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 * 1024).unwrap();
    let mut slow = Raw(socket.connect(server.address).await.unwrap());
    slow.upgrade("/slow").await;
    let fast = Fast::connect(server).await;
    members(&server.hub, 2).await;
    (slow, fast)
}

/// A client that reads all the time, and what it has heard of the feed.
struct Fast(Arc<Mutex<Vec<u64>>>);

impl Fast {
    async fn connect(server: &Running) -> Self {
        let heard = Arc::<Mutex<Vec<u64>>>::default();
        let (hears, mut client) = (Arc::clone(&heard), server.connect("/fast").await);
        tokio::spawn(async move {
            loop {
                let text = client.text().await;
                let feed = (!text.starts_with("news")).then(|| number(&text));
                hears.lock().unwrap().extend(feed);
            }
        });
        Self(heard)
    }

    /// Whether it has heard all of so many messages, in their order.
    fn has_heard(&self, published: u64) -> bool {
        let heard = self.0.lock().unwrap();
        assert!(heard.iter().copied().eq(0..heard.len() as u64));
        heard.len() as u64 == published
    }
}

/// Publishes numbered messages to the feed, in rounds of one about each key.
struct Publisher {
    feed: Group,
    keys: Vec<String>,
    next: u64,
}

impl Publisher {
    /// One whose messages have these keys; `-` is none.
    fn new(hub: &Hub, keys: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            feed: hub.group("feed").unwrap(),
            keys: keys.into_iter().map(Into::into).collect(),
            next: 0,
        }
    }

    /// Publishes until `hub` has dropped so many in all, no faster than `fast` hears it, who then has heard all.
    async fn overflow(&mut self, hub: &Hub, dropped: u64, fast: &Fast) {
        until("messages that are dropped", || {
            let heard = fast.has_heard(self.next);
            let over = heard && hub.stats().dropped >= dropped;
            if heard && !over {
                self.burst();
            }
            over
        })
        .await;
    }

    /// Some rounds, in one turn of the shard.
    fn burst(&mut self) {
        let rounds = 40 / self.keys.len();
        for key in self.keys.iter().cycle().take(rounds * self.keys.len()) {
            say(&self.feed, key, self.next);
            self.next += 1;
        }
    }
}

fn say(group: &Group, key: &str, number: u64) {
    let text = format!("{key} {number} {}", "x".repeat(PADDING));
    let group = match key {
        "-" => group.clone(),
        key => group.clone().keyed(key),
    };
    group.broadcast(text).unwrap();
}

fn number(text: &str) -> u64 {
    text.split(' ').nth(1).unwrap().parse().unwrap()
}

/// What a slow client heard once it read again.
#[derive(Default)]
struct Heard {
    /// The messages, by key and number.
    messages: Vec<(String, u64)>,
    /// The groups and numbers of lost messages that it was told, one for each time.
    told: Vec<(String, u64)>,
}

impl Heard {
    /// Reads one frame, which must be whole.
    async fn read(&mut self, raw: &mut Raw) {
        let (first, payload) = raw.frame().await.unwrap();
        let text = String::from_utf8(payload).unwrap();
        assert_eq!(first, 0x81, "{text:?}");
        let (key, rest) = text.split_once(' ').unwrap();
        if let Some(group) = key.strip_prefix("gap:") {
            return self.told.push((group.to_owned(), number(&text)));
        }
        assert!(rest.ends_with(&"x".repeat(PADDING)));
        self.messages.push((key.to_owned(), number(&text)));
    }

    /// Reads on until all of so many messages were there or told of.
    async fn read_all(&mut self, raw: &mut Raw, published: u64) {
        while self.messages.len() as u64 + self.told() < published {
            self.read(raw).await;
        }
    }

    /// How many were told to be lost.
    fn told(&self) -> u64 {
        self.told.iter().map(|(_, messages)| messages).sum()
    }

    fn numbers(&self, key: &str) -> Vec<u64> {
        let of_key = self.messages.iter().filter(|(of, _)| of == key);
        of_key.map(|(_, number)| *number).collect()
    }
}

fn is_rising(numbers: &[u64]) -> bool {
    numbers.windows(2).all(|pair| pair[0] < pair[1])
}

/// A client whose connection still works gets its echo.
async fn assert_open(raw: &mut Raw) {
    raw.write(&Raw::masked(0x81, b"still here")).await;
    assert_eq!(raw.frame().await, Some((0x81, b"still here".to_vec())));
}
