//! The door: every use case of Orrery. Server functions, REST, sockets, the scheduler and the
//! command line call these methods and nothing behind them. Each method decides the caller's
//! right, does the thing, and records the deed.
//!
//! A thing the caller may not see does not exist: the answer is the same `not_found`.

mod access;
mod alerts;
mod asking;
mod audit;
mod backup;
mod buckets;
mod catalog;
mod chart_plugins;
pub mod clock;
mod comments;
mod credentials;
mod dashboards;
mod datasets;
mod defaults;
mod demo;
mod documents;
mod filters;
mod folders;
mod follow;
mod forecasts;
mod frames;
mod groups;
mod history;
mod insights;
mod jobs;
mod keys;
mod learning;
mod lineage;
mod links;
mod metrics;
mod model;
mod notify;
mod ownership;
mod people;
mod policies;
mod presence;
mod query;
mod reads;
mod reports;
mod rules;
mod secrets;
mod sharing;
mod sign_in;
mod sources;
mod sql;
mod templates;
mod thumbnails;
mod tiles;
mod together;
mod turns;
mod upkeep;
mod uploads;
mod view_as;
mod walls;

pub use alerts::alerts_topic;
pub use audit::{AuditFormat, Origin, Surface};
pub use backup::{Backup, restore};
pub use buckets::Buckets;
pub use credentials::NewSession;
pub use defaults::QuestionDefaults;
pub use demo::DemoOptions;
pub use engine::sandbox::worker as sql_worker;
pub use engine::sources::{Hosts, Rules as SourceRules};
pub use engine::{Answer, Progress};
pub use links::Opening;
pub use live::channels::Smtp;
pub use live::{BusState, Frame, Hub, Mailbox, Resumed};
pub use notify::NotifySettings;
pub use presence::new_page;
pub use reports::ReportRun;
pub use sharing::rights_topic;
pub use sign_in::{CodeAccepted, OidcAnswer, OidcSettings, SignInFrom, SignInSettings, SignedIn, TotpRule};
pub use sources::SourceSettings;
pub use thumbnails::Thumbnail;
pub use view_as::VIEW_AS_COOKIE;

use domain::Result;
use engine::Engine;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use store::Store;

/// What the services need to know of the configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Everything that must survive lies below it.
    pub data_dir: PathBuf,
    /// Where the metadata is, if not in a file of the data directory.
    pub database: Option<DatabaseUrl>,
    /// The tables that come with Orrery, for the demo.
    pub fixtures_dir: Option<PathBuf>,
    /// What charts are drawn with for paper; without it there are no pictures.
    pub paper_dir: Option<PathBuf>,
    pub query_timeout: Duration,
    pub memory_limit_bytes: u64,
    pub threads: usize,
    /// The largest file that may be uploaded.
    pub max_upload_bytes: u64,
    /// What questions mean that do not say.
    pub questions: QuestionDefaults,
    /// What sources may reach, and the key for their passwords.
    pub sources: SourceSettings,
    /// How people are told of things.
    pub notify: NotifySettings,
    /// How people sign in.
    pub sign_in: SignInSettings,
}

/// The address of a PostgreSQL database; it may have a password in it, so it is not printed.
#[derive(Clone)]
pub struct DatabaseUrl(pub String);

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseUrl(…)")
    }
}

/// Every use case. Cheap to clone.
#[derive(Clone)]
pub struct Services(Arc<Inner>);

/// What the use cases share. Nothing of it can be reached from outside.
pub struct Inner {
    pub(crate) alerts: alerts::Watch,
    pub(crate) asking: asking::Asking,
    pub(crate) budget: sign_in::Budget,
    pub(crate) provider: Option<sign_in::Provider>,
    pub(crate) audit: audit::Trail,
    pub(crate) settings: Settings,
    pub(crate) store: Store,
    pub(crate) vault: sources::Vault,
    pub(crate) engine: Engine,
    pub(crate) hub: Hub,
    pub(crate) catalog: catalog::Catalog,
    pub(crate) comments: Buckets,
    pub(crate) keys: keys::Keys,
    pub(crate) learning: learning::Room,
    pub(crate) credentials: credentials::Credentials,
    pub(crate) documents: documents::Registry,
    pub(crate) forecasts: forecasts::Live,
    pub(crate) insights: insights::Desk,
    pub(crate) jobs: jobs::Running,
    pub(crate) link_guesses: Buckets,
    pub(crate) outbox: Arc<notify::Outbox>,
    pub(crate) presence: OnceLock<upkeep::Presence>,
    pub(crate) metrics: metrics::Live,
    pub(crate) shelf: history::Shelf,
    pub(crate) thumbnails: thumbnails::Thumbnails,
    pub(crate) turns: turns::Turns,
    pub(crate) here: presence::Here,
    pub(crate) edits: documents::EditPace,
}

impl std::ops::Deref for Services {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Services {
    /// Opens the stores below the data directory. Nothing happens by itself before
    /// [`Services::start`]: the command line opens them beside a running server.
    ///
    /// # Errors
    /// The directory cannot be written, or what lies there cannot be read.
    pub async fn open(settings: Settings) -> Result<Self> {
        let fail = |cause: std::io::Error| {
            tracing::error!(%cause, "opening the data directory");
            domain::Error::invalid(format!("The data directory cannot be used: {cause}."))
        };
        std::fs::create_dir_all(settings.data_dir.join("uploads")).map_err(fail)?;
        let store = match &settings.database {
            Some(DatabaseUrl(url)) => Store::connect(url).await?,
            None => Store::open(&settings.data_dir.join("orrery.sqlite")).await?,
        };
        let engine = Engine::open(engine::Config {
            dir: settings.data_dir.clone(),
            memory_limit_bytes: settings.memory_limit_bytes,
            threads: settings.threads,
            timeout: settings.query_timeout,
            cache_bytes: settings.memory_limit_bytes / 8,
            sources: settings.sources.rules.clone(),
        })?;
        Ok(Self(Arc::new(Inner {
            alerts: alerts::Watch::default(),
            asking: asking::Asking::default(),
            budget: sign_in::Budget::default(),
            provider: settings.sign_in.oidc.clone().map(sign_in::Provider::open).transpose()?,
            audit: audit::Trail::default(),
            thumbnails: thumbnails::Thumbnails::open(settings.paper_dir.as_deref(), &settings.data_dir),
            vault: sources::Vault::open(settings.sources.secret_key.as_deref(), &settings.data_dir)?,
            learning: learning::Room::of(settings.memory_limit_bytes / 16),
            settings,
            store,
            engine,
            hub: Hub::default(),
            catalog: catalog::Catalog::default(),
            comments: comments::pace(),
            keys: keys::Keys::default(),
            credentials: credentials::Credentials::default(),
            documents: documents::Registry::default(),
            forecasts: forecasts::Live::default(),
            shelf: history::Shelf::default(),
            insights: insights::Desk::default(),
            jobs: jobs::Running::default(),
            link_guesses: links::guesses(),
            outbox: Arc::default(),
            presence: OnceLock::new(),
            metrics: metrics::Live::default(),
            turns: turns::Turns::default(),
            here: presence::Here::default(),
            edits: documents::EditPace::default(),
        })))
    }

    /// Clears up after a server that was killed, and starts what one does by itself: refreshes metrics, checks alerts, sends what is in the outbox,
    /// works on jobs that are due.
    /// Forgets uploads that a former server left.
    ///
    /// # Errors
    /// The store does not answer, or the data directory cannot be written.
    pub async fn start(&self) -> Result<()> {
        self.move_in().await?;
        if !self.hub.is_shared() {
            // What lies there may be on its way through another server.
            self.clear_staging();
        }
        self.start_clock();
        self.start_outbox();
        self.start_metrics().await?;
        self.start_alerts().await
    }

    /// The topics that sockets follow.
    pub fn hub(&self) -> &Hub {
        &self.hub
    }

    /// Whether the stores answer.
    ///
    /// # Errors
    /// One of them does not.
    pub async fn ready(&self) -> Result<()> {
        self.store.count_users().await?;
        self.engine.scalar("SELECT 1", &[]).await?;
        Ok(())
    }
}

/// A fresh opaque id; later ones sort after earlier ones.
pub(crate) fn new_id() -> String {
    uuid::Uuid::now_v7().simple().to_string()
}

/// JSON of our own types, which always can be written.
pub(crate) fn to_json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".into())
}

/// JSON that we wrote ourselves; damage is logged and reads as the default.
pub(crate) fn from_json<T: serde::de::DeserializeOwned + Default>(text: &str) -> T {
    serde_json::from_str(text).unwrap_or_else(|cause| {
        tracing::error!(%cause, "reading stored JSON");
        T::default()
    })
}
