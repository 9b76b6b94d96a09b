//! Many people who edit one dashboard at once: how soon an edit is safe, and how soon the others see it.
//!
//! `editors URL DASHBOARD SECONDS TOKEN...`: one editor for each token makes four edits a second
//! (titles, places, options) on a real document over a real socket, and says where its pointer is
//! ten times a second. In the end all documents must be the same. `benches/editors.sh` runs it.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, reason = "a program that measures")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::document::{Broadcast, Change, Document, Edit, Intent, Opened, Operation};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

type Wire = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

/// What all editors note together.
#[derive(Default)]
struct Notes {
    /// When each operation was sent.
    sent: Mutex<HashMap<String, Instant>>,
    acknowledged: Mutex<Vec<Duration>>,
    seen: Mutex<Vec<Duration>>,
    refused: Mutex<Vec<String>>,
    pointers: Mutex<usize>,
}

impl Notes {
    fn age(&self, id: &str) -> Option<Duration> {
        self.sent.lock().unwrap().get(id).map(Instant::elapsed)
    }
}

async fn connect(url: &str, token: &str) -> Wire {
    let mut request = format!("{}/api/v1/live", url.replacen("http", "ws", 1)).into_client_request().unwrap();
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    tokio_tungstenite::connect_async(request).await.expect("a socket").0
}

struct Editor {
    number: usize,
    dashboard: String,
    document: Document,
    made: usize,
    waiting: usize,
    notes: Arc<Notes>,
}

impl Editor {
    fn next(&mut self) -> Operation {
        self.made += 1;
        let (n, i) = (self.number, self.made);
        let tile = format!("tiles/t{}", (n + i) % 12);
        let (path, value) = match i % 4 {
            0 => (format!("{tile}/position"), json!({"x": (n + i) % 9, "y": i % 20, "w": 4, "h": 4})),
            1 => (format!("{tile}/data_source/options/o{n}"), json!(i)),
            2 => (format!("{tile}/text"), json!(format!("{}\n{n}: {i}", self.text(&tile)))),
            _ => (format!("{tile}/title"), json!(format!("{} {n}", self.title(&tile, i)))),
        };
        let change: Change = self.document.change(path, Some(value));
        let edit = Edit { label: "Edit".into(), changes: vec![change] };
        let update = BASE64.encode(self.document.apply(&edit).unwrap());
        Operation { id: format!("e{n}-{i}"), update, edit, intent: Intent::Edit, target: None }
    }

    /// The last words of a text, so that it does not grow without end.
    fn text(&self, tile: &str) -> String {
        let text = self.document.get(&format!("{tile}/text")).and_then(|v| v.as_str().map(str::to_owned));
        let text = text.unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(10)..].join("\n")
    }

    fn title(&self, tile: &str, round: usize) -> String {
        let title = self.document.get(&format!("{tile}/title")).and_then(|v| v.as_str().map(str::to_owned));
        title.filter(|title| title.chars().count() < 100).unwrap_or_else(|| format!("Round {round}"))
    }

    fn read(&mut self, text: &str) {
        let message: Value = serde_json::from_str(text).unwrap();
        let topic = message["topic"].as_str().unwrap_or_default();
        if topic.starts_with("presence:") {
            *self.notes.pointers.lock().unwrap() += 1;
        } else if let Some(id) = message["ack"].as_str() {
            self.waiting -= 1;
            self.notes.acknowledged.lock().unwrap().extend(self.notes.age(id));
        } else if !message["error"].is_null() {
            self.waiting -= 1;
            self.notes.refused.lock().unwrap().push(message["error"]["message"].to_string());
        } else if let Ok(news) = serde_json::from_value::<Broadcast>(message["data"].clone()) {
            let own = format!("e{}-", self.number);
            if !news.id.starts_with(&own) {
                self.document.merge(&BASE64.decode(&news.update).unwrap()).expect("an update in its order");
                self.notes.seen.lock().unwrap().extend(self.notes.age(&news.id));
            }
        }
    }

    async fn run(mut self, mut wire: Wire, until: Instant) -> Document {
        let (doc, presence) = (format!("doc:{}", self.dashboard), format!("presence:{}", self.dashboard));
        let offset = Duration::from_millis(self.number as u64 * 37 % 250);
        let mut edits = tokio::time::interval_at(tokio::time::Instant::now() + offset, Duration::from_millis(250));
        let mut moves = tokio::time::interval(Duration::from_millis(100));
        // What the others made last is waited for.
        let end = until + Duration::from_secs(3);
        while Instant::now() < end || self.waiting > 0 {
            tokio::select! {
                _ = edits.tick(), if Instant::now() < until => {
                    let operation = self.next();
                    self.notes.sent.lock().unwrap().insert(operation.id.clone(), Instant::now());
                    self.waiting += 1;
                    wire.send(Message::text(json!({"topic": doc, "op": operation}).to_string())).await.unwrap();
                }
                _ = moves.tick() => {
                    let op = json!({"editing": true, "pointer": {"x": self.made % 12, "y": self.number}});
                    wire.send(Message::text(json!({"topic": presence, "op": op}).to_string())).await.unwrap();
                }
                message = wire.next() => match message {
                    Some(Ok(Message::Text(text))) => self.read(&text),
                    Some(Ok(_)) => {}
                    other => panic!("the socket was closed: {other:?}"),
                },
            }
        }
        self.document
    }
}

fn percentiles(of: &Mutex<Vec<Duration>>) -> String {
    let mut all = of.lock().unwrap().clone();
    all.sort_unstable();
    let at = |share: f64| all.get(((all.len() as f64 * share) as usize).min(all.len().saturating_sub(1)));
    let ms = |share: f64| at(share).map_or(0.0, |d| d.as_secs_f64() * 1_000.0);
    format!("p50 {:.1} ms, p95 {:.1} ms, worst {:.1} ms of {}", ms(0.5), ms(0.95), ms(1.0), all.len())
}

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [url, dashboard, seconds, tokens @ ..] = args.as_slice() else {
        println!("editors URL DASHBOARD SECONDS TOKEN...");
        std::process::exit(2);
    };
    let until = Instant::now() + Duration::from_secs(seconds.parse().expect("SECONDS"));
    let notes = Arc::new(Notes::default());
    let mut tasks = Vec::new();
    for (number, token) in tokens.iter().enumerate() {
        let mut wire = connect(url, token).await;
        for topic in ["doc", "presence"] {
            let sub = json!({"sub": format!("{topic}:{dashboard}")});
            wire.send(Message::text(sub.to_string())).await.unwrap();
        }
        // What others did while this one opened the document comes after it, in order.
        let document = loop {
            let Some(Ok(Message::Text(text))) = wire.next().await else { continue };
            let message: Value = serde_json::from_str(&text).unwrap();
            if let Ok(opened) = serde_json::from_value::<Opened>(message["data"].clone()) {
                break Document::load(number as u64 + 1_000, &BASE64.decode(opened.state).unwrap()).unwrap();
            }
        };
        let (dashboard, notes) = (dashboard.clone(), notes.clone());
        let editor = Editor { number, dashboard, document, made: 0, waiting: 0, notes };
        tasks.push(tokio::spawn(editor.run(wire, until)));
    }
    let mut documents = Vec::new();
    for task in tasks {
        documents.push(task.await.expect("an editor"));
    }
    let refused = notes.refused.lock().unwrap();
    println!("{} editors, {} edits, {} refused", documents.len(), notes.sent.lock().unwrap().len(), refused.len());
    refused.iter().take(3).for_each(|why| println!("  refused: {why}"));
    println!("from sending to acknowledged (in the log): {}", percentiles(&notes.acknowledged));
    println!("from sending to each of the others: {}", percentiles(&notes.seen));
    println!("messages of presence received: {}", notes.pointers.lock().unwrap());
    let first = documents[0].layout();
    let same = documents.iter().filter(|document| document.layout() == first).count();
    println!("{same} of {} documents are the same in the end", documents.len());
    assert!(same == documents.len() && documents[0].validate().is_ok(), "the documents differ");
}
