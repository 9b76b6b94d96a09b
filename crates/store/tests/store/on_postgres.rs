//! The same tests once more, against a real PostgreSQL.

use crate::place::SERVER;
use crate::postgres::{PASSWORD, Server};
use std::process::Command;
use store::Store;

/// What is about files has no meaning there.
const ABOUT_FILES: &str = "durability";

#[test]
fn all_tests_pass_on_postgresql_too() {
    let server = Server::with(&["max_connections=200"]);
    let url = format!("postgres://postgres:{}@127.0.0.1:{}", PASSWORD.replace(' ', "%20"), server.port);
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--skip", ABOUT_FILES, "--skip", "on_postgres", "--test-threads", "4"]).env(SERVER, url);
    let done = again.output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{said}{}", String::from_utf8_lossy(&done.stderr));
    let passed = said.lines().filter(|line| line.ends_with("... ok")).count();
    assert!(passed > 30, "{said}");
}

#[tokio::test]
async fn another_kind_of_address_is_refused_with_an_example() {
    let refused = Store::connect("mysql://root@localhost/orrery").await.unwrap_err();
    assert!(refused.message.contains("postgres://"), "{}", refused.message);
}
