//! A real mail server and a real web server, for tests of what leaves the house.

#![allow(dead_code, reason = "each test uses some of it")]

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Nothing here takes longer on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until `ready` has something.
pub(crate) async fn until<T>(what: &str, mut ready: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = ready() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A mail server that keeps what it takes; it ends with the test.
pub(crate) struct MailSink {
    pub(crate) port: u16,
    child: Child,
    mails: Arc<Mutex<Vec<Value>>>,
}

impl MailSink {
    pub(crate) fn start(args: &[&str]) -> Self {
        let cache = std::env::var_os("ORRERY_CACHE")
            .map(PathBuf::from)
            .unwrap_or_else(|| PathBuf::from(std::env::var_os("HOME").expect("a home folder")).join(".cache/orrery"));
        let python = cache.join("venv/bin/python");
        assert!(python.exists(), "run scripts/setup.sh test first: there is no {}", python.display());
        // Tests run in the folder of their crate.
        let script = "../../scripts/mail_sink.py";
        let mut child =
            Command::new(python).arg(script).args(args).stdout(Stdio::piped()).spawn().expect("a mail server");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let port = lines.next().expect("its port").expect("a line").parse().expect("a number");
        let mails = Arc::<Mutex<Vec<Value>>>::default();
        let kept = mails.clone();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                kept.lock().expect("no panic").push(serde_json::from_str(&line).expect("JSON"));
            }
        });
        Self { port, child, mails }
    }

    /// What it took so far.
    pub(crate) fn mails(&self) -> Vec<Value> {
        self.mails.lock().expect("no panic").clone()
    }

    /// Waits for so many mails.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Value> {
        until("mails", || Some(self.mails()).filter(|mails| mails.len() >= count)).await
    }
}

impl Drop for MailSink {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// A port that nobody listens on.
pub(crate) async fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address").port()
}

/// A request as it came: its first line, its headers in small letters, its body.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// A web server that answers in turn what it was told to, the last answer for ever.
pub(crate) struct WebSink {
    pub(crate) port: u16,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl WebSink {
    /// `answers`: whole answers after `HTTP/1.1 `, such as `200 OK\r\n\r\nfine`.
    pub(crate) async fn start(answers: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let requests = Arc::<Mutex<Vec<Request>>>::default();
        let (kept, answers) = (requests.clone(), answers.iter().map(|a| (*a).to_owned()).collect::<Vec<_>>());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let Some(request) = read(&mut stream).await else { continue };
                let count = {
                    let mut kept = kept.lock().expect("no panic");
                    kept.push(request);
                    kept.len()
                };
                let answer = &answers[(count - 1).min(answers.len() - 1)];
                _ = stream.write_all(format!("HTTP/1.1 {answer}").as_bytes()).await;
                _ = stream.shutdown().await;
            }
        });
        Self { port, requests }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("no panic").clone()
    }
}

async fn read(stream: &mut tokio::net::TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    loop {
        let mut part = [0_u8; 4_096];
        let count = stream.read(&mut part).await.ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&part[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let mut lines = head.lines();
        let line = lines.next()?.to_owned();
        let headers: Vec<(String, String)> = lines
            .filter_map(|l| l.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let length = headers.iter().find(|(n, _)| n == "content-length").and_then(|(_, v)| v.parse().ok()).unwrap_or(0);
        if body.len() >= length {
            return Some(Request { line, headers, body: body.to_owned() });
        }
    }
}
