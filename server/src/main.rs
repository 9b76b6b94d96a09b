//! Orrery: one process that serves the application, the API and the socket.

mod assets;
mod auth;
mod cli;
mod config;
mod control;
mod forms;
mod http;
mod overload;
mod router;
mod unsubscribe;
mod ws;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
