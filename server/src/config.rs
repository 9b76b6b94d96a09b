//! Configuration: an environment variable, else a key of `orrery.toml`, else the default.
//! [`SETTINGS`] is the one table of all of them; the documentation prints it.

use crate::peer::Proxies;
use crate::sign_in_config;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A setting: environment variable, default as text, what it is.
pub(crate) struct Setting {
    pub(crate) name: &'static str,
    pub(crate) default: &'static str,
    pub(crate) about: &'static str,
}

/// Every setting. The key in `orrery.toml` is the name without `ORRERY_`, in small letters.
pub(crate) const SETTINGS: &[Setting] = &[
    Setting { name: "ORRERY_ADDR", default: "127.0.0.1:3000", about: "Address and port to listen on." },
    Setting { name: "ORRERY_DATA_DIR", default: "./data", about: "Where everything that must survive lies." },
    Setting {
        name: "ORRERY_DATABASE_URL",
        default: "",
        about: "A PostgreSQL database for the metadata, such as postgres://orrery:secret@db/orrery. Default: a SQLite file in the data directory. The files of datasets stay in the data directory.",
    },
    Setting {
        name: "ORRERY_REDIS_URL",
        default: "",
        about: "Redis through which several servers on the same data share their news, such as redis://host:6379/0. Default: none, one server.",
    },
    Setting {
        name: "ORRERY_PUBLIC_URL",
        default: "",
        about: "Address under which people reach it, such as https://bi.example.com. With https, cookies are marked secure.",
    },
    Setting { name: "ORRERY_QUERY_TIMEOUT", default: "60", about: "Seconds after which a question is stopped." },
    Setting {
        name: "ORRERY_MEMORY_LIMIT",
        default: "1GB",
        about: "Memory for questions and their cache, such as 512MB or 4GB.",
    },
    Setting { name: "ORRERY_THREADS", default: "", about: "Threads for questions. Default: one for each core." },
    Setting { name: "ORRERY_MAX_UPLOAD", default: "10GB", about: "The largest file that may be uploaded." },
    Setting {
        name: "ORRERY_TIMEZONE",
        default: "UTC",
        about: "Time zone of questions that name none, such as Europe/Berlin.",
    },
    Setting {
        name: "ORRERY_WEEK_START",
        default: "1",
        about: "The day that weeks begin with unless a question says otherwise, 1 (Monday) to 7.",
    },
    Setting {
        name: "ORRERY_FISCAL_YEAR_START",
        default: "1",
        about: "The month that years and quarters begin with unless a question says otherwise, 1 (January) to 12.",
    },
    Setting { name: "ORRERY_MAX_SOCKETS_PER_USER", default: "50", about: "Sockets that one user may hold open." },
    Setting {
        name: "ORRERY_RATE_LIMIT",
        default: "10000",
        about: "Requests that one user may make in a second, ten times as many at once; whoever is not signed in, by address, a tenth of it. 0: no limit. Sign-in, resets and passwords of links have tighter limits of their own.",
    },
    Setting {
        name: "ORRERY_AUDIT_RETENTION_DAYS",
        default: "400",
        about: "For how many days the audit log keeps what was done, at least 7.",
    },
    Setting {
        name: "ORRERY_SOURCE_FOLDERS",
        default: "",
        about: "Folders whose files sources may read, with commas between them. Default: none.",
    },
    Setting {
        name: "ORRERY_SOURCE_HOSTS",
        default: "",
        about: "Hosts inside the server's own network that sources may reach: names, addresses and networks such as 10.1.0.0/16, with commas between them. Hosts on the internet need no entry.",
    },
    Setting {
        name: "ORRERY_SMTP_URL",
        default: "",
        about: "Mail server: smtp://user:password@host:port?tls=required (STARTTLS), or opportunistic, or none; smtps://user:password@host:port. With &ca=FILE, certificates of an authority of your own. TLS is required unless the host is this machine. Default: no mail is sent.",
    },
    Setting { name: "ORRERY_SMTP_FROM", default: "", about: "Sender of mails, such as Orrery <orrery@example.com>." },
    Setting {
        name: "ORRERY_WEBHOOK_HOSTS",
        default: "",
        about: "Hosts inside the server's own network that webhooks may go to, written as for ORRERY_SOURCE_HOSTS. Hosts on the internet need no entry.",
    },
    Setting {
        name: "ORRERY_SECRET_KEY",
        default: "",
        about: "Key under which passwords of sources and addresses of channels are kept, at least 32 characters; to change it, put the new one before the old one with a comma. Default: made and kept in the data directory.",
    },
    Setting {
        name: "ORRERY_TRUSTED_PROXIES",
        default: "",
        about: "Proxies in front of the server, as addresses and networks with commas between them: X-Forwarded-For is believed from these only. Default: none.",
    },
    Setting {
        name: "ORRERY_PASSWORD_SIGN_IN",
        default: "true",
        about: "Whether people sign in with passwords. With false, only through the provider, and the one administrator of `orrery user break-glass`.",
    },
    Setting {
        name: "ORRERY_REQUIRE_TOTP",
        default: "",
        about: "Who must set two-step sign-in up to sign in with a password: admins or everyone. Default: whoever wants to.",
    },
    Setting {
        name: "ORRERY_OIDC_ISSUER",
        default: "",
        about: "Sign-in provider (OpenID Connect), such as https://id.example.com. Needs ORRERY_PUBLIC_URL; lead back to /login/oidc/callback below it. Default: none.",
    },
    Setting { name: "ORRERY_OIDC_CLIENT_ID", default: "", about: "Under which name the provider knows Orrery." },
    Setting {
        name: "ORRERY_OIDC_CLIENT_SECRET",
        default: "",
        about: "The secret of that name. Default: none, a public client with PKCE.",
    },
    Setting {
        name: "ORRERY_OIDC_SCOPES",
        default: "openid profile email",
        about: "What the provider is asked for, with blanks between them.",
    },
    Setting {
        name: "ORRERY_OIDC_GROUPS_CLAIM",
        default: "",
        about: "Claim that lists groups: people become members of the groups of these names. Default: groups do not come from the provider.",
    },
    Setting {
        name: "ORRERY_OIDC_ROLE_MAP",
        default: "",
        about: "Roles that groups of the claim give, such as bi-admins=admin,analysts=creator; the highest counts. Default: roles are given here.",
    },
    Setting {
        name: "ORRERY_OIDC_DEFAULT_ROLE",
        default: "viewer",
        about: "Role of those whom no group gives one; none keeps them out.",
    },
    Setting {
        name: "ORRERY_OIDC_AUTO_CREATE",
        default: "false",
        about: "Whether everybody the provider knows gets an account. With false, administrators invite them.",
    },
    Setting { name: "ORRERY_OIDC_NAME", default: "single sign-on", about: "Name of the provider, on its button." },
    Setting {
        name: "ORRERY_OIDC_HOSTS",
        default: "",
        about: "Hosts beside the issuer's own that tokens and keys may come from, with commas between them, such as oauth2.googleapis.com,www.googleapis.com.",
    },
    Setting {
        name: "ORRERY_SITE_DIR",
        default: "",
        about: "Folder with the built page. Default: `site` beside the program, else `target/site`.",
    },
    Setting {
        name: "ORRERY_FIXTURES_DIR",
        default: "",
        about: "Folder with the sample tables. Default: `fixtures` beside the program, else `./fixtures`.",
    },
    Setting { name: "ORRERY_LOG", default: "info", about: "What to log, such as `warn` or `info,server=debug`." },
];

/// The configuration of a process.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) addr: SocketAddr,
    pub(crate) data_dir: PathBuf,
    pub(crate) redis_url: Option<String>,
    pub(crate) public_url: Option<String>,
    pub(crate) query_timeout: Duration,
    pub(crate) memory_limit_bytes: u64,
    pub(crate) threads: usize,
    pub(crate) database: Option<services::DatabaseUrl>,
    pub(crate) max_upload_bytes: u64,
    pub(crate) max_sockets_per_user: usize,
    pub(crate) rate_limit: u32,
    pub(crate) audit_retention_days: i64,
    pub(crate) questions: services::QuestionDefaults,
    pub(crate) sources: services::SourceSettings,
    pub(crate) notify: services::NotifySettings,
    pub(crate) sign_in: services::SignInSettings,
    pub(crate) proxies: Proxies,
    pub(crate) site_dir: PathBuf,
    pub(crate) fixtures_dir: Option<PathBuf>,
    pub(crate) log: String,
}

impl Config {
    /// Reads the environment and `orrery.toml` of the working directory.
    ///
    /// # Errors
    /// A sentence that names the setting and what is wrong with it.
    pub(crate) fn load() -> Result<Self, String> {
        let file = match std::fs::read_to_string("orrery.toml") {
            Ok(text) => parse_file(&text)?,
            Err(_) => HashMap::new(),
        };
        Self::from(|name| std::env::var(name).ok(), &file)
    }

    fn from(env: impl Fn(&str) -> Option<String>, file: &HashMap<String, String>) -> Result<Self, String> {
        let get = |name: &str| -> String {
            let default = SETTINGS.iter().find(|s| s.name == name).map_or("", |s| s.default);
            env(name).or_else(|| file.get(name).cloned()).unwrap_or_else(|| default.to_owned())
        };
        let bad = |name: &str, want: &str| format!("{name} is `{}`, but must be {want}.", get(name));
        let number = |name: &str| get(name).parse::<u64>().map_err(|_| bad(name, "a whole number"));
        let bytes = |name: &str| parse_bytes(&get(name)).ok_or_else(|| bad(name, "a size such as 512MB or 4GB"));
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let threads = match get("ORRERY_THREADS").as_str() {
            "" => cores,
            _ => usize::try_from(number("ORRERY_THREADS")?.clamp(1, 256)).unwrap_or(cores),
        };
        let timeout = number("ORRERY_QUERY_TIMEOUT")?;
        if timeout == 0 {
            return Err(bad("ORRERY_QUERY_TIMEOUT", "at least 1"));
        }
        let calendar = ["ORRERY_TIMEZONE", "ORRERY_WEEK_START", "ORRERY_FISCAL_YEAR_START"];
        let questions = services::QuestionDefaults::parse(&get(calendar[0]), &get(calendar[1]), &get(calendar[2]));
        let questions = questions.map_err(|(which, want)| bad(calendar[which], want))?;
        let public_url = Some(get("ORRERY_PUBLIC_URL").trim_end_matches('/').to_owned()).filter(|u| !u.is_empty());
        let hosts = |name: &str| {
            services::Hosts::parse(&get(name))
                .map_err(|bad| format!("{name} has `{bad}`, which is no host name, address or network."))
        };
        let smtp = match get("ORRERY_SMTP_URL") {
            url if url.is_empty() => None,
            url => Some(
                services::Smtp::parse(&url, &get("ORRERY_SMTP_FROM"))
                    .map_err(|why| format!("ORRERY_SMTP_URL: {why}"))?,
            ),
        };
        Ok(Self {
            addr: get("ORRERY_ADDR")
                .parse()
                .map_err(|_| bad("ORRERY_ADDR", "an address with a port, such as 0.0.0.0:3000"))?,
            data_dir: get("ORRERY_DATA_DIR").into(),
            redis_url: Some(get("ORRERY_REDIS_URL")).filter(|u| !u.is_empty()),
            notify: services::NotifySettings {
                smtp,
                public_url: public_url.clone(),
                hosts: hosts("ORRERY_WEBHOOK_HOSTS")?,
            },
            sign_in: sign_in_config::read(get, public_url.as_deref())?,
            proxies: Proxies::parse(&get("ORRERY_TRUSTED_PROXIES"))
                .map_err(|bad| format!("ORRERY_TRUSTED_PROXIES has `{bad}`, which is no address or network."))?,
            public_url,
            query_timeout: Duration::from_secs(timeout),
            memory_limit_bytes: bytes("ORRERY_MEMORY_LIMIT")?,
            threads,
            database: Some(get("ORRERY_DATABASE_URL")).filter(|u| !u.is_empty()).map(services::DatabaseUrl),
            max_upload_bytes: bytes("ORRERY_MAX_UPLOAD")?,
            max_sockets_per_user: usize::try_from(number("ORRERY_MAX_SOCKETS_PER_USER")?).unwrap_or(usize::MAX),
            rate_limit: u32::try_from(number("ORRERY_RATE_LIMIT")?).unwrap_or(u32::MAX),
            audit_retention_days: match number("ORRERY_AUDIT_RETENTION_DAYS")? {
                days @ 7..=36_500 => i64::try_from(days).unwrap_or(i64::MAX),
                _ => return Err(bad("ORRERY_AUDIT_RETENTION_DAYS", "7 to 36500")),
            },
            questions,
            sources: services::SourceSettings {
                rules: services::SourceRules {
                    folders: folders(&get("ORRERY_SOURCE_FOLDERS"))
                        .map_err(|bad| format!("ORRERY_SOURCE_FOLDERS has `{bad}`, which is no whole path."))?,
                    hosts: hosts("ORRERY_SOURCE_HOSTS")?,
                },
                secret_key: Some(get("ORRERY_SECRET_KEY")).filter(|k| !k.is_empty()),
            },
            site_dir: folder(&get("ORRERY_SITE_DIR"), "site", "target/site"),
            fixtures_dir: Some(folder(&get("ORRERY_FIXTURES_DIR"), "fixtures", "fixtures")).filter(|d| d.is_dir()),
            log: get("ORRERY_LOG"),
        })
    }

    /// What the services need of it.
    pub(crate) fn services(&self) -> services::Settings {
        services::Settings {
            data_dir: self.data_dir.clone(),
            fixtures_dir: self.fixtures_dir.clone(),
            paper_dir: Some(self.site_dir.join("paper")).filter(|folder| folder.is_dir()),
            query_timeout: self.query_timeout,
            memory_limit_bytes: self.memory_limit_bytes,
            threads: self.threads,
            database: self.database.clone(),
            max_upload_bytes: self.max_upload_bytes,
            questions: self.questions.clone(),
            sources: self.sources.clone(),
            notify: self.notify.clone(),
            sign_in: self.sign_in.clone(),
        }
    }
}

fn parse_file(text: &str) -> Result<HashMap<String, String>, String> {
    let table: toml::Table = text.parse().map_err(|e| format!("orrery.toml cannot be read: {e}"))?;
    let mut found = HashMap::new();
    for (key, value) in table {
        let name = format!("ORRERY_{}", key.to_uppercase());
        if !SETTINGS.iter().any(|s| s.name == name) {
            return Err(format!("orrery.toml has the key `{key}`, which is no setting."));
        }
        let text = match value {
            toml::Value::String(text) => text,
            other => other.to_string(),
        };
        found.insert(name, text);
    }
    Ok(found)
}

/// A size such as `512MB`, in bytes; decimal and binary prefixes mean the same powers of 1024.
fn parse_bytes(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_uppercase();
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    let unit = match text[digits.len()..].trim() {
        "" | "B" => 1,
        "K" | "KB" | "KIB" => 1 << 10,
        "M" | "MB" | "MIB" => 1 << 20,
        "G" | "GB" | "GIB" => 1 << 30,
        "T" | "TB" | "TIB" => 1 << 40,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(unit).filter(|n| *n > 0)
}

/// Whole paths with commas between them.
fn folders(text: &str) -> Result<Vec<PathBuf>, String> {
    let whole = |entry: &str| {
        let path = PathBuf::from(entry);
        if path.is_absolute() { Ok(path) } else { Err(entry.to_owned()) }
    };
    text.split(',').map(str::trim).filter(|e| !e.is_empty()).map(whole).collect()
}

fn folder(set: &str, beside: &str, otherwise: &str) -> PathBuf {
    if !set.is_empty() {
        return set.into();
    }
    let program = std::env::current_exe().ok();
    let packed = program.as_deref().and_then(Path::parent).map(|dir| dir.join(beside));
    packed.filter(|dir| dir.is_dir()).unwrap_or_else(|| otherwise.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(pairs: &[(&str, &str)], file: &str) -> Result<Config, String> {
        let env: HashMap<String, String> = pairs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        Config::from(|name| env.get(name).cloned(), &parse_file(file)?)
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let config = load(&[("ORRERY_ADDR", "0.0.0.0:80")], "addr = \"1.2.3.4:5\"\nquery_timeout = 7").unwrap();
        assert_eq!(config.addr.to_string(), "0.0.0.0:80");
        assert_eq!(config.query_timeout, Duration::from_secs(7));
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert!(load(&[("ORRERY_MEMORY_LIMIT", "much")], "").unwrap_err().contains("ORRERY_MEMORY_LIMIT"));
        assert!(load(&[], "adress = 1").unwrap_err().contains("adress"));
    }

    #[test]
    fn what_sources_may_reach_is_checked() {
        assert!(load(&[("ORRERY_SOURCE_HOSTS", "10.0.0.0/40")], "").unwrap_err().contains("10.0.0.0/40"));
        assert!(load(&[("ORRERY_SOURCE_FOLDERS", "/srv/a, data")], "").unwrap_err().contains("`data`"));
        let config =
            load(&[("ORRERY_SECRET_KEY", "very secret"), ("ORRERY_SOURCE_FOLDERS", "/srv/a,/srv/b")], "").unwrap();
        assert_eq!(config.sources.rules.folders.len(), 2);
        assert!(!format!("{config:?}").contains("very secret"));
        let config = load(&[("ORRERY_DATABASE_URL", "postgres://a:very-secret@db/orrery")], "").unwrap();
        assert!(!format!("{config:?}").contains("very-secret"));
    }

    #[test]
    fn a_mail_server_needs_a_sender() {
        let url = ("ORRERY_SMTP_URL", "smtp://orrery:hunter2@mail.example.com");
        let error = load(&[url], "").unwrap_err();
        assert!(error.contains("sender") && !error.contains("hunter2"), "{error}");
        let config = load(&[url, ("ORRERY_SMTP_FROM", "Orrery <orrery@example.com>")], "").unwrap();
        assert!(config.notify.smtp.is_some() && !format!("{config:?}").contains("hunter2"));
        assert!(load(&[("ORRERY_WEBHOOK_HOSTS", "10.0.0.0/40")], "").unwrap_err().contains("ORRERY_WEBHOOK_HOSTS"));
    }

    #[test]
    fn limits_are_checked() {
        let config = load(&[], "").unwrap();
        assert_eq!((config.rate_limit, config.audit_retention_days), (10_000, 400));
        assert!(load(&[("ORRERY_AUDIT_RETENTION_DAYS", "1")], "").unwrap_err().contains("7 to 36500"));
        assert!(load(&[("ORRERY_TRUSTED_PROXIES", "proxy")], "").unwrap_err().contains("`proxy`"));
    }

    #[test]
    fn sizes() {
        assert_eq!(parse_bytes("512MB"), Some(512 << 20));
        assert_eq!(parse_bytes("0"), None);
        assert_eq!(parse_bytes("4 parsecs"), None);
    }
}
