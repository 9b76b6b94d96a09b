//! Orrery: one process that serves the application, the API and the socket.

mod assets;
mod auth;
mod cli;
mod config;
mod control;
mod forms;
mod guard;
mod headers;
mod http;
mod links;
mod listen;
mod overload;
mod peer;
mod router;
mod sign_in;
mod sign_in_config;
mod unsubscribe;
mod view_as;
mod ws;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
