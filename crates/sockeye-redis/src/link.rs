//! Link: one connection to a Redis, and the task that reads and writes it.

use std::future::Future;

use redis::aio::{AsyncPushSender, MultiplexedConnection};
use redis::{AsyncConnectionConfig, Cmd, FromRedisValue, Pipeline, PushInfo, Value};
use sockeye::{Error, Inbound, Refused, Result};
use tokio::task::AbortHandle;

use crate::Tls;
use crate::endpoint::Endpoint;
use crate::refusal::{Refusal, explained};
use crate::stream;

/// A connection. Dropped, it is closed; when it breaks, its session is over.
pub(crate) struct Link {
    connection: MultiplexedConnection,
    driver: AbortHandle,
    inbound: Inbound,
}

impl Link {
    /// A connection for commands.
    pub(crate) async fn open(endpoint: &Endpoint, tls: &Tls, inbound: &Inbound) -> Result<Self> {
        Self::open_with(endpoint, tls, inbound, config()).await
    }

    /// One whose messages are handed to `push`, from its task.
    pub(crate) async fn open_subscribed(
        endpoint: &Endpoint,
        tls: &Tls,
        inbound: &Inbound,
        push: impl AsyncPushSender,
    ) -> Result<Self> {
        let config = config().set_push_sender(push);
        Self::open_with(endpoint, tls, inbound, config).await
    }

    async fn open_with(
        endpoint: &Endpoint,
        tls: &Tls,
        inbound: &Inbound,
        config: AsyncConnectionConfig,
    ) -> Result<Self> {
        let (connection, driver) = connect(endpoint, tls, config).await?;
        let (told, why) = (inbound.clone(), broken(endpoint));
        let driver = tokio::spawn(async move {
            driver.await;
            told.ended(why);
        });
        Ok(Self {
            connection,
            driver: driver.abort_handle(),
            inbound: inbound.clone(),
        })
    }

    /// Sends commands in one go and waits until all are done; gives those that are not allowed.
    ///
    /// # Errors
    /// When the connection breaks, or Redis refuses for another reason; the session is over then.
    pub(crate) async fn run(&self, commands: &Pipeline) -> Result<Vec<Refused>> {
        if commands.is_empty() {
            return Ok(Vec::new());
        }
        let mut connection = self.connection.clone();
        let replies = connection.send_packed_commands(commands, 0, commands.len());
        let replies = replies.await.map_err(|error| self.refuse(error.into()))?;
        let mut refused = Vec::new();
        for (command, reply) in replies.iter().enumerate() {
            match Refusal::of(reply) {
                Some(refusal) if refusal.is_lasting => refused.push(Refused {
                    index: command,
                    why: refusal.error,
                }),
                Some(refusal) => return Err(self.refuse(refusal)),
                None => {}
            }
        }
        Ok(refused)
    }

    /// Subscribes to channels by one command; gives those that are not allowed.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub(crate) async fn subscribe(&self, channels: Vec<String>) -> Result<Vec<Refused>> {
        if channels.is_empty() {
            return Ok(Vec::new());
        }
        let mut connection = self.connection.clone();
        let Err(error) = connection.subscribe(&channels).await else {
            return Ok(Vec::new());
        };
        let refusal = Refusal::from(error);
        if !refusal.is_lasting {
            return Err(self.refuse(refusal));
        }
        // One that is not allowed is the end of the command: it has subscribed to none.
        let mut each = Pipeline::with_capacity(channels.len());
        for channel in &channels {
            each.cmd("SUBSCRIBE").arg(channel);
        }
        self.run(&each).await
    }

    /// Ends subscriptions by one command.
    pub(crate) async fn unsubscribe(&self, channels: Vec<String>) -> Result<()> {
        if channels.is_empty() {
            return Ok(());
        }
        let mut connection = self.connection.clone();
        let unsubscribed = connection.unsubscribe(channels).await;
        unsubscribed.map_err(|error| self.refuse(error.into()))
    }

    /// Waits for an answer.
    pub(crate) async fn ping(&self) -> Result<()> {
        self.ask(&redis::cmd("PING")).await
    }

    /// Sends one command and gives what is replied.
    pub(crate) async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T> {
        let mut connection = self.connection.clone();
        let reply = command.query_async(&mut connection).await;
        reply.map_err(|error| self.refuse(error.into()))
    }

    fn refuse(&self, refusal: Refusal) -> Error {
        let Refusal { is_lasting, error } = refusal;
        if !is_lasting {
            self.inbound.ended(Error::new(error.to_string()));
        }
        error
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// Asks one thing on a connection that is closed afterwards.
pub(crate) async fn ask_once<T: FromRedisValue>(
    endpoint: &Endpoint,
    tls: &Tls,
    command: &Cmd,
) -> Result<T> {
    let (mut connection, driver) = connect(endpoint, tls, config()).await?;
    tokio::select! {
        reply = command.query_async(&mut connection) => reply.map_err(|error| explained(&error)),
        () = driver => Err(broken(endpoint)),
    }
}

async fn connect(
    endpoint: &Endpoint,
    tls: &Tls,
    config: AsyncConnectionConfig,
) -> Result<(
    MultiplexedConnection,
    impl Future<Output = ()> + Send + 'static,
)> {
    let stream = stream::open(endpoint, tls).await?;
    let opened = MultiplexedConnection::new_with_config(&endpoint.settings, stream, config).await;
    opened.map_err(|error| explained(&error))
}

fn broken(endpoint: &Endpoint) -> Error {
    Error::new(format!("the connection to {endpoint} broke"))
}

/// Without timeouts: whoever holds a session gives up what takes too long, and the session with it.
fn config() -> AsyncConnectionConfig {
    AsyncConnectionConfig::new()
        .set_response_timeout(None)
        .set_connection_timeout(None)
}

/// The channel and the payload of a message.
pub(crate) fn message(push: &PushInfo) -> Option<(&[u8], &[u8])> {
    match push.data.as_slice() {
        [Value::BulkString(channel), Value::BulkString(payload)] => Some((channel, payload)),
        _ => None,
    }
}
