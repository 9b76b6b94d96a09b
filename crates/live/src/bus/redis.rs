//! Several servers: Redis numbers every message and brings it to all of them, in one order.
//!
//! A server that loses Redis tells its own readers what it does itself, and says so. Once Redis is
//! back everybody asks again ([`crate::News::Joined`]): nobody knows what they missed.

use super::{Bus, BusState, Parcel};
use crate::{Hub, lock};
use futures::StreamExt;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;

/// Where all servers listen.
const CHANNEL: &str = "orrery";
/// Messages that may wait for Redis.
const OUTBOX: usize = 65_536;
/// Messages that go out together.
const BATCH: usize = 256;
/// An answer that takes longer will not come.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often a quiet connection is asked whether it is there.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// The wait before trying again.
const PAUSE: Duration = Duration::from_millis(300);
/// How long the count of a topic is kept after its last message, in seconds. A later one begins at the time.
const COUNTED: u32 = 86_400;

/// Numbers a message, keeps it where it is the present value, and tells everybody.
/// KEYS: count, present value. ARGV: floor, seconds of the count, seconds of the value, channel,
/// head (origin and kind), topic, the same as JSON, data.
const PUBLISH: &str = r#"
local seq = tonumber(redis.call('GET', KEYS[1]) or '0')
local floor = tonumber(ARGV[1])
if seq < floor then seq = floor end
if seq == 0 then seq = tonumber(redis.call('TIME')[1]) * 1048576 end
local text = string.format('%.0f', seq + 1)
redis.call('SET', KEYS[1], text, 'EX', ARGV[2])
local message = '{"topic":' .. ARGV[7] .. ',"seq":' .. text .. ',"data":' .. ARGV[8] .. '}'
if ARGV[3] ~= '0' then redis.call('SET', KEYS[2], message, 'EX', ARGV[3]) end
redis.call('PUBLISH', ARGV[4], ARGV[5] .. ' ' .. text .. ' ' .. ARGV[6] .. '\n' .. message)
return text
"#;

/// How it is.
#[derive(Default)]
struct Health {
    hears: AtomicBool,
    speaks: AtomicBool,
    problem: Mutex<Option<String>>,
}

impl Health {
    fn ok(&self) -> bool {
        self.hears.load(Ordering::Acquire) && self.speaks.load(Ordering::Acquire)
    }

    /// Notes a loss; the log has one line for it, not one for every try.
    fn lost(&self, part: &AtomicBool, cause: &dyn std::fmt::Display) {
        let was_ok = self.ok();
        part.store(false, Ordering::Release);
        let told = lock(&self.problem).replace(cause.to_string());
        if was_ok || told.is_none() {
            tracing::warn!(%cause, "Redis cannot be reached: this server works on alone until it can");
        }
    }

    fn found(&self, part: &AtomicBool) {
        part.store(true, Ordering::Release);
        if self.ok() && lock(&self.problem).take().is_some() {
            tracing::info!("Redis is back: news from the other servers arrives again");
        }
    }
}

pub(crate) struct RedisBus {
    outbox: mpsc::Sender<Parcel>,
    health: Arc<Health>,
}

impl Bus for RedisBus {
    fn send(&self, parcel: Parcel) -> Result<(), Parcel> {
        if !self.health.ok() {
            return Err(parcel);
        }
        self.outbox.try_send(parcel).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(parcel) | mpsc::error::TrySendError::Closed(parcel) => parcel,
        })
    }

    fn state(&self) -> BusState {
        let ok = self.health.ok();
        let problem = lock(&self.health.problem).clone();
        let words = |cause| format!("Redis cannot be reached: {cause}. This server works on alone.");
        let problem = (!ok).then(|| problem.map_or_else(|| "Redis is being connected to.".to_owned(), words));
        BusState { kind: "redis", ok, problem }
    }
}

impl RedisBus {
    /// Connects in the background; a Redis that is not there yet is waited for.
    ///
    /// # Errors
    /// The address cannot be read.
    pub(crate) fn start(url: &str, hub: Hub) -> Result<Self, redis::RedisError> {
        let client = redis::Client::open(url)?;
        let (outbox, parcels) = mpsc::channel(OUTBOX);
        let health = Arc::new(Health::default());
        let origin = format!("{:016x}", rand::random::<u64>());
        tokio::spawn(hear(client.clone(), hub.clone(), health.clone(), origin.clone()));
        tokio::spawn(speak(client, hub, health.clone(), origin, parcels));
        Ok(Self { outbox, health })
    }
}

/// Brings what any server publishes to the readers of this one, for ever.
async fn hear(client: redis::Client, hub: Hub, health: Arc<Health>, origin: String) {
    loop {
        let cause = match tokio::time::timeout(PATIENCE, subscribe(&client)).await {
            Ok(Ok(pubsub)) => {
                health.found(&health.hears);
                // What was published meanwhile did not come here.
                hub.joined();
                listen(pubsub, &hub, &origin).await
            }
            Ok(Err(cause)) => cause.to_string(),
            Err(_) => "no answer".to_owned(),
        };
        health.lost(&health.hears, &cause);
        tokio::time::sleep(PAUSE).await;
    }
}

async fn subscribe(client: &redis::Client) -> redis::RedisResult<redis::aio::PubSub> {
    let mut pubsub = client.get_async_pubsub().await?;
    pubsub.subscribe(CHANNEL).await?;
    Ok(pubsub)
}

/// Listens until the connection is lost; says why.
async fn listen(pubsub: redis::aio::PubSub, hub: &Hub, origin: &str) -> String {
    let (mut sink, mut stream) = pubsub.split();
    let mut beat = tokio::time::interval(HEARTBEAT);
    loop {
        tokio::select! {
            message = stream.next() => match message {
                Some(message) => {
                    if let Some((head, text)) = message.get_payload::<String>().ok().as_deref().and_then(|p| p.split_once('\n')) {
                        receive(hub, origin, head, text);
                    }
                }
                None => return "the connection was closed".into(),
            },
            _ = beat.tick() => match tokio::time::timeout(PATIENCE, sink.ping::<redis::Value>()).await {
                Ok(Ok(_)) => {}
                Ok(Err(cause)) => return cause.to_string(),
                Err(_) => return "no answer".into(),
            },
        }
    }
}

/// The head is `origin kept number topic`.
fn receive(hub: &Hub, origin: &str, head: &str, text: &str) {
    let mut parts = head.splitn(4, ' ');
    let (Some(from), Some(kept), Some(seq), Some(topic)) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return;
    };
    let Ok(seq) = seq.parse::<u64>() else { return };
    hub.arrived(topic, seq, text, kept == "1", from == origin);
}

/// Sends what this server publishes, for ever; what cannot be sent is told here.
async fn speak(
    client: redis::Client,
    hub: Hub,
    health: Arc<Health>,
    origin: String,
    mut parcels: mpsc::Receiver<Parcel>,
) {
    let config = ConnectionManagerConfig::new()
        .set_number_of_retries(1)
        .set_connection_timeout(Some(PATIENCE))
        .set_response_timeout(Some(PATIENCE));
    let mut batch = Vec::new();
    loop {
        let mut connection = match ConnectionManager::new_with_config(client.clone(), config.clone()).await {
            Ok(connection) => connection,
            Err(cause) => {
                health.lost(&health.speaks, &cause);
                tell_here(&hub, &mut parcels, &mut batch);
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        health.found(&health.speaks);
        let mut is_fresh = true;
        loop {
            if batch.is_empty() && parcels.recv_many(&mut batch, BATCH).await == 0 {
                return; // the hub is gone
            }
            match send(&mut connection, &origin, &batch).await {
                Ok(()) => batch.clear(),
                // The connection may have died long ago, unnoticed: once more, on another.
                Err(_) if !is_fresh => break,
                Err(cause) => {
                    health.lost(&health.speaks, &cause);
                    tell_here(&hub, &mut parcels, &mut batch);
                    tokio::time::sleep(PAUSE).await;
                    break;
                }
            }
            is_fresh = false;
        }
    }
}

fn tell_here(hub: &Hub, parcels: &mut mpsc::Receiver<Parcel>, unsent: &mut Vec<Parcel>) {
    unsent.drain(..).for_each(|parcel| hub.tell_here(parcel));
    while let Ok(parcel) = parcels.try_recv() {
        hub.tell_here(parcel);
    }
}

async fn send(connection: &mut ConnectionManager, origin: &str, batch: &[Parcel]) -> redis::RedisResult<()> {
    let mut pipe = redis::pipe();
    for parcel in batch {
        let kept = u8::from(parcel.lasts > 0);
        pipe.cmd("EVAL")
            .arg(PUBLISH)
            .arg(2)
            .arg(format!("seq:{}", parcel.topic))
            .arg(&parcel.topic)
            .arg(parcel.floor)
            .arg(COUNTED.max(parcel.lasts))
            .arg(parcel.lasts)
            .arg(CHANNEL)
            .arg(format!("{origin} {kept}"))
            .arg(&parcel.topic)
            .arg(serde_json::Value::from(parcel.topic.as_str()).to_string())
            .arg(&parcel.data)
            .ignore();
    }
    pipe.query_async(connection).await
}
