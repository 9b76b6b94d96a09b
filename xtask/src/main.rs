//! The project's own build tool: `xtask client|tidy|deny|dist|e2e`, driven by the Makefile.

mod client;
mod deny;
mod dist;
mod e2e;
mod sh;
mod tidy;

use std::process::ExitCode;

const USAGE: &str = "usage: xtask COMMAND

  client [--release|--dev]   build the browser's half into target/site (default: release)
  paper                      build only what draws charts on paper into target/paper
  tidy                       check layers, file sizes, the map of the house and colours
  deny                       check licences, bans and sources of what we depend on
  dist                       build the archive to hand out
  e2e [--prebuilt] [ARGS]    run the browser tests; ARGS go to Playwright";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["client"] | ["client", "--release"] => client::build(client::Mode::Release),
        ["client", "--dev"] => client::build(client::Mode::Dev),
        ["paper"] => client::paper(),
        ["tidy"] => tidy::check(),
        ["deny"] => deny::check(),
        ["dist"] => dist::build(),
        ["e2e", rest @ ..] => e2e::run(rest),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}
