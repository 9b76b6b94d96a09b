//! The load of a hall full of screens: real sockets, and what reaches them how late.
//!
//! `live URL TOKEN PID SCENE COUNT [SECONDS]`: `idle` opens COUNT sockets and says what one costs the
//! server, `one` lets COUNT sockets follow one metric, `many` lets COUNT sockets follow 20 of 200
//! metrics each while 1,000 values a second come in. `benches/live.sh` runs all of them.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, reason = "a program that measures")]

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::Semaphore;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

type Wire = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

#[derive(Clone)]
struct Server {
    url: String,
    token: String,
    pid: u32,
    http: reqwest::Client,
}

/// What the readers saw, all together.
#[derive(Default)]
struct Seen {
    received: AtomicU64,
    missed: AtomicU64,
    /// Messages by how late they were, in milliseconds.
    late: Vec<AtomicU64>,
}

/// Later than this counts as this.
const WORST_MS: usize = 20_000;

impl Seen {
    fn new() -> Arc<Self> {
        let late = (0..=WORST_MS).map(|_| AtomicU64::new(0)).collect();
        Arc::new(Self { late, ..Self::default() })
    }

    fn note(&self, late_ms: f64) {
        self.received.fetch_add(1, Ordering::Relaxed);
        self.late[(late_ms.max(0.0) as usize).min(WORST_MS)].fetch_add(1, Ordering::Relaxed);
    }

    /// The lateness that this share of the messages did not exceed.
    fn percentile(&self, share: f64) -> usize {
        let total = self.received.load(Ordering::Relaxed);
        let wanted = (total as f64 * share).ceil() as u64;
        let mut so_far = 0;
        self.late
            .iter()
            .position(|count| {
                so_far += count.load(Ordering::Relaxed);
                so_far >= wanted
            })
            .unwrap_or(WORST_MS)
    }
}

fn now_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64() * 1_000.0
}

impl Server {
    async fn post(&self, path: &str, body: Value) -> u16 {
        let request = self.http.post(format!("{}/api/v1{path}", self.url)).bearer_auth(&self.token).json(&body);
        request.send().await.map_or(0, |answer| answer.status().as_u16())
    }

    async fn metric(&self, id: &str) {
        let query = json!({"dataset": "load", "measures": [{"agg": "count"}]});
        let body = json!({"id": id, "name": id, "query": query, "refresh_interval": 86_400});
        let status = self.post("/metrics", body).await;
        assert!(matches!(status, 201 | 409), "metric {id}: {status}");
    }

    async fn push(&self, id: &str, value: u64) -> bool {
        self.post(&format!("/metrics/{id}/values"), json!({"value": value, "ts": now_ms()})).await < 300
    }

    async fn connect(&self) -> Wire {
        let address = format!("{}/api/v1/live", self.url.replacen("http", "ws", 1));
        let mut request = address.into_client_request().unwrap();
        request.headers_mut().insert("authorization", format!("Bearer {}", self.token).parse().unwrap());
        let small = WebSocketConfig::default().read_buffer_size(8 * 1024).write_buffer_size(1024);
        tokio_tungstenite::connect_async_with_config(request, Some(small), true).await.expect("a socket").0
    }

    /// Opens sockets, a hundred at a time.
    async fn open(&self, count: usize) -> Vec<Wire> {
        let turns = Arc::new(Semaphore::new(100));
        let tasks: Vec<_> = (0..count)
            .map(|_| {
                let (server, turns) = (self.clone(), turns.clone());
                tokio::spawn(async move {
                    let _turn = turns.acquire().await;
                    server.connect().await
                })
            })
            .collect();
        let mut wires = Vec::with_capacity(count);
        for task in tasks {
            wires.push(task.await.expect("a socket"));
        }
        wires
    }

    /// Resident memory of the server in KB.
    fn memory_kb(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).unwrap_or(0)
    }
}

fn number(text: &str, key: &str) -> Option<f64> {
    let rest = &text[text.find(key)? + key.len()..];
    rest[..rest.find([',', '}'])?].parse().ok()
}

/// Follows topics and notes how late each message is. `ready` counts the sockets that have their
/// present values.
async fn read(mut wire: Wire, topics: Vec<String>, seen: Arc<Seen>, ready: Arc<AtomicU64>) {
    for topic in &topics {
        wire.send(Message::text(json!({"sub": topic}).to_string())).await.expect("a subscription");
    }
    let mut last: std::collections::HashMap<String, f64> = std::collections::HashMap::new();
    while let Some(Ok(message)) = wire.next().await {
        let Message::Text(text) = message else { continue };
        let Some(topic) = text.get(10..).and_then(|rest| rest.split('"').next()) else { continue };
        let seq = number(&text, "\"seq\":").unwrap_or_default();
        match last.insert(topic.to_owned(), seq) {
            None => _ = ready.fetch_add(1, Ordering::Relaxed),
            Some(before) => {
                if before > 0.0 && seq > before + 1.0 {
                    seen.missed.fetch_add((seq - before - 1.0) as u64, Ordering::Relaxed);
                }
                if let Some(ts) = number(&text, "\"ts\":") {
                    seen.note(now_ms() - ts);
                }
            }
        }
    }
}

async fn follow(wires: Vec<Wire>, topics: impl Fn(usize) -> Vec<String>) -> Arc<Seen> {
    let (seen, ready) = (Seen::new(), Arc::new(AtomicU64::new(0)));
    let mut wanted = 0;
    for (i, wire) in wires.into_iter().enumerate() {
        let topics = topics(i);
        wanted += topics.len() as u64;
        tokio::spawn(read(wire, topics, seen.clone(), ready.clone()));
    }
    while ready.load(Ordering::Relaxed) < wanted {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    seen
}

/// Waits until nothing more arrives.
async fn settle(seen: &Seen) {
    let mut before = u64::MAX;
    loop {
        let now = seen.received.load(Ordering::Relaxed);
        if now == before {
            return;
        }
        before = now;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

fn report(scene: &str, sockets: usize, published: u64, seen: &Seen) {
    let [p50, p99, worst] = [0.5, 0.99, 1.0].map(|share| seen.percentile(share));
    println!(
        "{scene}: {sockets} sockets, {published} values, {} messages received, {} missed; \
         from publish to receipt p50 {p50} ms, p99 {p99} ms, worst {worst} ms",
        seen.received.load(Ordering::Relaxed),
        seen.missed.load(Ordering::Relaxed)
    );
}

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [url, token, pid, scene, count, rest @ ..] = args.as_slice() else {
        println!("live URL TOKEN PID idle|one|many COUNT [SECONDS]");
        std::process::exit(2);
    };
    let (pid, count): (u32, usize) = (pid.parse().expect("PID"), count.parse().expect("COUNT"));
    let seconds: u64 = rest.first().map_or(20, |text| text.parse().expect("SECONDS"));
    let server = Server { url: url.clone(), token: token.clone(), pid, http: reqwest::Client::new() };
    match scene.as_str() {
        "idle" => {
            // What the first sockets bring with them is not the price of one.
            let first = server.open(50).await;
            let before = server.memory_kb();
            let wires = server.open(count).await;
            tokio::time::sleep(Duration::from_secs(2)).await;
            let each = server.memory_kb().saturating_sub(before) as f64 / count as f64;
            println!("idle: {count} sockets, {each:.1} KB of memory each");
            drop((first, wires));
        }
        "one" => {
            server.metric("load_one").await;
            let wires = server.open(count).await;
            let seen = follow(wires, |_| vec!["metric:load_one".to_owned()]).await;
            let mut published = 0;
            for value in 0..seconds {
                published += u64::from(server.push("load_one", value).await);
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            settle(&seen).await;
            report("one metric", count, published, &seen);
        }
        "many" => {
            for i in 0..200 {
                server.metric(&format!("load_{i}")).await;
            }
            let wires = server.open(count).await;
            let topics = |socket: usize| (0..20).map(|t| format!("metric:load_{}", (socket + t * 10) % 200)).collect();
            let seen = follow(wires, topics).await;
            let (published, turns, began) = (Arc::new(AtomicU64::new(0)), Arc::new(Semaphore::new(64)), Instant::now());
            let mut tick = tokio::time::interval(Duration::from_millis(10));
            for round in 0..seconds * 100 {
                tick.tick().await;
                for i in 0..10 {
                    let (server, published, turns) = (server.clone(), published.clone(), turns.clone());
                    tokio::spawn(async move {
                        let _turn = turns.acquire().await;
                        let id = format!("load_{}", (round * 10 + i) % 200);
                        published.fetch_add(u64::from(server.push(&id, round).await), Ordering::Relaxed);
                    });
                }
            }
            let spent = began.elapsed().as_secs_f64();
            settle(&seen).await;
            let published = published.load(Ordering::Relaxed);
            report("many metrics", count, published, &seen);
            println!("many metrics: {:.0} values a second were taken", published as f64 / spent);
        }
        other => println!("there is no scene `{other}`"),
    }
}
