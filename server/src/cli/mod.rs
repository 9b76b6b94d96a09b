//! The command line. Exit 0 done, 1 failed, 2 wrong usage.

mod ask;
mod backup;
mod detect;
mod forecast;
mod insights;
mod jobs;
mod serve;

use crate::config::{Config, SETTINGS};
use crate::{assets, control};
use clap::{Parser, Subcommand, ValueEnum};
use domain::api::{LoadMode, LoadRequest, LoadResult, Misfit};
use domain::people::Scope;
use domain::{Error, Result, UserRole};
use services::Services;
use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "orrery", version, about = "A live model of a business: dashboards, questions, metrics")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the application.
    Serve,
    /// Serve on the loopback with sample data and a signed-in demo user.
    Demo {
        /// Rows of the generated sales data.
        #[arg(long, default_value_t = 100_000)]
        rows: u64,
    },
    /// Users.
    #[command(subcommand)]
    User(User),
    /// API tokens.
    #[command(subcommand)]
    Token(Token),
    /// The queue of long and recurring work.
    #[command(subcommand)]
    Jobs(jobs::Jobs),
    /// Load a file as a dataset.
    Import {
        file: PathBuf,
        /// Name of the dataset.
        #[arg(long)]
        name: String,
        /// User that will own it; an administrator when absent.
        #[arg(long)]
        owner: Option<String>,
        /// Put the rows in the place of the old ones.
        #[arg(long, conflicts_with = "append")]
        replace: bool,
        /// Put the rows after the old ones.
        #[arg(long)]
        append: bool,
    },
    /// Forecast series from files to a file, without a server.
    Forecast(forecast::Forecast),
    /// Answer questions in words over tables in files, without a server.
    Ask(ask::Ask),
    /// Copy everything into a new folder, while people go on working.
    Backup { folder: PathBuf },
    /// Make a data directory of a backup.
    Restore { folder: PathBuf },
    /// Bring the metadata up to date.
    Migrate,
    /// Check configuration, stores, every file of the data, sources, the mail server and the built page.
    Check,
    /// Score the rows of every CSV file in a folder by how odd they are: `file,row,score,flag`.
    Detect {
        folder: PathBuf,
        #[arg(long)]
        out: PathBuf,
    },
    /// Tell what a CSV file says by itself, without a server.
    Insights(insights::Insights),
    /// Print every setting with its default, as a table.
    Settings,
    /// What the server starts for SQL of users; its orders come over standard input.
    #[command(hide = true)]
    SqlWorker,
}

#[derive(Subcommand)]
enum User {
    /// Add a user; the password comes from standard input.
    Add {
        name: String,
        #[arg(long, value_enum, default_value = "viewer")]
        role: RoleArg,
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Set a user's password from standard input.
    Passwd {
        name: String,
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Let one administrator sign in with a password where ORRERY_PASSWORD_SIGN_IN is false.
    BreakGlass {
        #[arg(required_unless_present = "off")]
        name: Option<String>,
        /// Nobody from now on.
        #[arg(long, conflicts_with = "name")]
        off: bool,
    },
    /// List all users.
    List,
}

#[derive(Subcommand)]
enum Token {
    /// Make a token and print it, alone, on standard output.
    Create {
        #[arg(long)]
        user: String,
        #[arg(long, value_enum, default_value = "write")]
        scope: ScopeArg,
        /// Such as 30d or 12h; without it the token does not expire.
        #[arg(long)]
        expires: Option<String>,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum RoleArg {
    Admin,
    Creator,
    Explorer,
    Viewer,
}

#[derive(Clone, Copy, ValueEnum)]
enum ScopeArg {
    Read,
    Write,
    Admin,
}

/// Runs the program.
pub(crate) fn run() -> ExitCode {
    let cli = Cli::parse();
    if matches!(cli.command, Command::SqlWorker) {
        // Neither configuration nor runtime: it has only what it is given.
        return services::sql_worker();
    }
    let without_server = match &cli.command {
        Command::Ask(args) => Some(ask::run(args)),
        Command::Forecast(args) => Some(forecast::run(args)),
        Command::Insights(args) => Some(insights::run(args)),
        _ => None,
    };
    if let Some(done) = without_server {
        return done.map_or_else(|error| complain(&error.to_string(), 1), |()| ExitCode::SUCCESS);
    }
    let config = match Config::load() {
        Ok(config) => config,
        Err(sentence) => return complain(&sentence, 2),
    };
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log).unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let is_server = matches!(cli.command, Command::Serve | Command::Demo { .. });
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(cause) => return complain(&format!("The runtime cannot start: {cause}."), 1),
    };
    let work = execute(cli.command, config);
    let done = runtime.block_on(async move {
        // A server does what it does for others, or by itself.
        if is_server { work.await } else { control::origin().around(work).await }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&error.to_string(), 1),
    }
}

fn complain(sentence: &str, code: u8) -> ExitCode {
    eprintln!("orrery: {sentence}");
    ExitCode::from(code)
}

#[allow(clippy::print_stdout, reason = "the command line answers on standard output")]
async fn execute(command: Command, config: Config) -> Result<()> {
    match command {
        Command::Serve => serve::serve(config, None).await,
        Command::Demo { rows } => serve::serve(config, Some(rows)).await,
        Command::Settings => {
            println!("| setting | default | what it is |\n|---|---|---|");
            for s in SETTINGS {
                let default = if s.default.is_empty() { "" } else { &format!("`{}`", s.default) };
                println!("| `{}` | {default} | {} |", s.name, s.about);
            }
            Ok(())
        }
        Command::Import { file, name, owner, replace, append } => {
            let mode = match (replace, append) {
                (true, _) => LoadMode::Replace,
                (_, true) => LoadMode::Append,
                _ => LoadMode::Create,
            };
            let path = file
                .canonicalize()
                .map_err(|e| Error::invalid(format!("{} cannot be opened: {e}.", file.display())))?;
            let request = LoadRequest { name, mode, ..LoadRequest::default() };
            let import = control::Order::Import(Box::new(control::Import { path, owner, request }));
            let LoadResult { dataset, misfits, rejected, .. } =
                control::order(&config.data_dir, import, open(&config)).await?;
            println!("{}: {} rows, {} columns", dataset.name, dataset.row_count, dataset.columns.len());
            if rejected > 0 {
                println!("{rejected} rows were left out because they cannot be read.");
            }
            for Misfit { usage, message, .. } in misfits {
                let place = usage.dashboard.map(|d| format!(" of `{}`", d.name)).unwrap_or_default();
                println!("No longer fits: `{}`{place}. {message}", usage.title);
            }
            Ok(())
        }
        Command::Jobs(command) => jobs::run(command, &config).await,
        Command::Detect { folder, out } => detect::run(&folder, &out),
        Command::Backup { folder } => backup::make(&folder, &config).await,
        Command::Restore { folder } => backup::restore(&folder, &config).await,
        Command::Check => {
            println!("configuration: serves {}, keeps its data in {}", config.addr, config.data_dir.display());
            let services = open(&config).await?;
            services.ready().await?;
            println!("stores and engine: answer");
            let faults = services.faults().await?;
            faults.iter().for_each(|fault| println!("data: {fault}"));
            if faults.is_empty() {
                println!("data: every file, row and log is sound");
            }
            let mut silent = 0;
            for (name, outcome) in services.test_all_sources().await? {
                match outcome {
                    Ok(answer) => println!("source {name}: {answer}"),
                    Err(error) => {
                        silent += 1;
                        println!("source {name}: {error}");
                    }
                }
            }
            let mail = services.check_mail().await;
            match &mail {
                Some(Ok(answer)) => println!("mail: {answer}"),
                Some(Err(error)) => println!("mail: {}", error.message),
                None => println!("mail: none is sent, ORRERY_SMTP_URL is not set"),
            }
            assets::manifest(&config.site_dir).map_err(Error::invalid)?;
            println!("page: {}", config.site_dir.display());
            if !faults.is_empty() {
                let sentence = format!("{} things are wrong with what is stored.", faults.len());
                return Err(Error::invalid(sentence).hint("docs/backup.md says how to put them right."));
            }
            if matches!(mail, Some(Err(_))) {
                return Err(Error::invalid("The mail server cannot be used."));
            }
            if silent > 0 {
                return Err(Error::invalid(format!("{silent} of the sources cannot be read.")));
            }
            Ok(())
        }
        other => {
            let services = open(&config).await?;
            people(&services, other).await
        }
    }
}

async fn open(config: &Config) -> Result<Services> {
    Services::open(config.services()).await
}

#[allow(clippy::print_stdout, reason = "the command line answers on standard output")]
async fn people(services: &Services, command: Command) -> Result<()> {
    match command {
        Command::User(User::Add { name, role, .. }) => {
            let role = match role {
                RoleArg::Admin => UserRole::Admin,
                RoleArg::Creator => UserRole::Creator,
                RoleArg::Explorer => UserRole::Explorer,
                RoleArg::Viewer => UserRole::Viewer,
            };
            let user = services.add_user(&name, role, Some(&password()?)).await?;
            println!("{} ({})", user.name, user.role.as_str());
        }
        Command::User(User::Passwd { name, .. }) => services.set_password(&name, &password()?).await?,
        Command::User(User::BreakGlass { name, .. }) => services.set_break_glass(name.as_deref()).await?,
        Command::User(User::List) => {
            for user in services.all_users().await? {
                let state = if user.is_active { "" } else { " (inactive)" };
                println!("{}\t{}{state}", user.name, user.role.as_str());
            }
        }
        Command::Token(Token::Create { user, scope, expires }) => {
            let scope = match scope {
                ScopeArg::Read => Scope::Read,
                ScopeArg::Write => Scope::Write,
                ScopeArg::Admin => Scope::Admin,
            };
            let lasts = expires.as_deref().map(duration_ms).transpose()?;
            println!("{}", services.add_token(&user, "command line", scope, lasts).await?.secret);
        }
        Command::Migrate => println!("The metadata is up to date."),
        Command::Serve
        | Command::Demo { .. }
        | Command::Import { .. }
        | Command::Jobs(_)
        | Command::Forecast(_)
        | Command::Ask(_)
        | Command::Backup { .. }
        | Command::Detect { .. }
        | Command::Restore { .. }
        | Command::Insights(_)
        | Command::Settings
        | Command::SqlWorker
        | Command::Check => {}
    }
    Ok(())
}

/// The first line of standard input.
fn password() -> Result<String> {
    let mut text = String::new();
    let read = std::io::stdin().take(4_096).read_to_string(&mut text);
    read.map_err(|e| Error::invalid(format!("The password cannot be read: {e}.")))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

fn duration_ms(text: &str) -> Result<i64> {
    let bad = || Error::invalid(format!("`{text}` is no time; write 30d, 12h or 45m."));
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(bad)?;
    let unit_ms = match unit {
        "d" => 86_400_000,
        "h" => 3_600_000,
        "m" => 60_000,
        _ => return Err(bad()),
    };
    let number: i64 = number.parse().map_err(|_| bad())?;
    number.checked_mul(unit_ms).filter(|ms| *ms > 0).ok_or_else(bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usage_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
        assert_eq!(duration_ms("30d").unwrap(), 30 * 86_400_000);
        assert!(duration_ms("30").is_err() && duration_ms("").is_err() && duration_ms("é").is_err());
    }
}
