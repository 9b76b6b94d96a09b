//! A PostgreSQL server of its own for a test: on a free port of the loopback, with a data folder that
//! goes with it. PostgreSQL refuses root, so under root it runs as the user that its package makes.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub const PASSWORD: &str = "correct horse battery";
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Server {
    pub port: u16,
    dir: TempDir,
    bin: PathBuf,
    child: Option<Child>,
    settings: Vec<String>,
    scripts: AtomicU32,
}

impl Server {
    /// A server that takes connections over TCP with the password of `postgres`.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// One with more settings, each `name=value`.
    pub fn with(settings: &[&str]) -> Self {
        let bin = binaries();
        let dir = tempfile::Builder::new().prefix("orrery-pg").tempdir().unwrap();
        let secret = dir.path().join("password");
        std::fs::write(&secret, PASSWORD).unwrap();
        give(dir.path());
        give(&secret);
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let settings = settings.iter().map(|s| (*s).to_owned()).collect();
        let mut server = Self { port, dir, bin, child: None, settings, scripts: AtomicU32::new(0) };
        let made = server
            .command("initdb")
            .args([
                "--no-sync",
                "--no-instructions",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "-U",
                "postgres",
                "-A",
                "scram-sha-256",
            ])
            .arg("-D")
            .arg(server.data())
            .arg("--pwfile")
            .arg(&secret)
            .output()
            .unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        server.resume();
        server
    }

    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// Puts a file where only the server reads it.
    pub fn private_file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        give(&path);
        path
    }

    /// Starts it again after [`Server::stop`].
    pub fn resume(&mut self) {
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.data()).args(["-p", &self.port.to_string(), "-h", "127.0.0.1", "-k", ""]);
        for setting in ["fsync=off", "full_page_writes=off", "max_connections=40"] {
            command.args(["-c", setting]);
        }
        for setting in &self.settings {
            command.args(["-c", setting]);
        }
        self.child = Some(command.spawn().unwrap());
        let began = Instant::now();
        while !self.psql("SELECT 1").output().unwrap().status.success() {
            let child = self.child.as_mut().unwrap();
            assert!(child.try_wait().unwrap().is_none(), "the server has ended: {}", self.log());
            assert!(began.elapsed() < PATIENCE, "the server does not answer: {}", self.log());
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    /// Stops it at once; whoever is connected is cut off.
    pub fn stop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let sent = Command::new("kill").args(["-QUIT", &child.id().to_string()]).status();
        if !sent.is_ok_and(|s| s.success()) {
            let _ = child.kill();
        }
        let _ = child.wait();
    }

    /// Runs SQL as the administrator and answers its output, unaligned.
    pub fn sql(&self, sql: &str) -> String {
        let out = self.psql(sql).output().unwrap();
        assert!(out.status.success(), "{sql}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap().trim().to_owned()
    }

    /// Waits until a query has that output.
    pub fn wait_for(&self, sql: &str, wanted: &str) {
        let began = Instant::now();
        while self.sql(sql) != wanted {
            assert!(began.elapsed() < PATIENCE, "{sql} is {}, not {wanted}", self.sql(sql));
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn psql(&self, sql: &str) -> Command {
        let mut command = Command::new(self.bin.join("psql"));
        command
            .args([
                "-X",
                "-q",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-h",
                "127.0.0.1",
                "-U",
                "postgres",
                "-d",
                "postgres",
            ])
            .args(["-p", &self.port.to_string(), "-f"])
            .arg(self.script(sql))
            .env("PGPASSWORD", PASSWORD)
            .env("PGCONNECT_TIMEOUT", "10")
            .stdin(Stdio::null());
        command
    }

    /// SQL as a file: an argument has a largest length.
    fn script(&self, sql: &str) -> PathBuf {
        let path = self.dir.path().join(format!("script-{}.sql", self.scripts.fetch_add(1, Ordering::Relaxed)));
        std::fs::write(&path, sql).unwrap();
        path
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.bin.join(name));
        command.current_dir(self.dir.path()).env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
        if let Some((user, group)) = unprivileged() {
            std::os::unix::process::CommandExt::uid(&mut command, user);
            std::os::unix::process::CommandExt::gid(&mut command, group);
        }
        if name == "postgres" {
            let log = std::fs::OpenOptions::new().append(true).create(true).open(self.dir.path().join("log")).unwrap();
            command.stdout(log.try_clone().unwrap()).stderr(log);
        }
        command
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Where the newest version's programs are: Debian keeps them out of the path.
fn binaries() -> PathBuf {
    let has_all = |dir: &PathBuf| ["initdb", "postgres", "psql"].iter().all(|name| dir.join(name).exists());
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|e| e.path().join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = debian.filter(has_all).max().or_else(|| std::env::split_paths(&path).find(has_all));
    found.expect("PostgreSQL is missing: run scripts/setup.sh test")
}

/// The user and group to run as, where this process is root.
fn unprivileged() -> Option<(u32, u32)> {
    let id = |args: &[&str]| -> u32 {
        let out = Command::new("id").args(args).output().unwrap();
        String::from_utf8(out.stdout).unwrap().trim().parse().expect("a user for the PostgreSQL server")
    };
    (id(&["-u"]) == 0).then(|| (id(&["-u", "postgres"]), id(&["-g", "postgres"])))
}

/// Gives a file or folder to the user that the server runs as.
fn give(path: &Path) {
    if let Some((user, group)) = unprivileged() {
        std::os::unix::fs::chown(path, Some(user), Some(group)).unwrap();
    }
}
