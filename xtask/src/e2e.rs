//! `xtask e2e`: the browser tests against the real server.

use std::process::Command;

use crate::client::{self, Mode};
use crate::sh::{self, Result};

/// Builds what the tests run against, unless told that it is there, and starts Playwright.
pub(crate) fn run(args: &[&str]) -> Result {
    let root = sh::root()?;
    let prebuilt = args.contains(&"--prebuilt");
    if !prebuilt {
        sh::run(Command::new("cargo").current_dir(&root).args(["build", "--package", "server"]))?;
        client::build(Mode::Release)?;
    }
    let binary = sh::target_dir(&root).join("debug/orrery");
    let site = root.join("target/site");
    for needed in [&binary, &site.join("manifest.json")] {
        if !needed.exists() {
            return Err(format!("{} is missing: build it first", needed.display()).into());
        }
    }
    sh::run(
        Command::new("npx")
            .current_dir(root.join("end2end"))
            .args(["playwright", "test"])
            .args(args.iter().filter(|arg| **arg != "--prebuilt"))
            .env("ORRERY_BIN", binary)
            .env("ORRERY_SITE_DIR", site),
    )
}
