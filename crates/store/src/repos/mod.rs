//! One file an aggregate, each a block of [`crate::Store`].

pub(crate) mod audit;
pub(crate) mod channels;
pub(crate) mod chart_plugins;
pub(crate) mod dashboards;
pub(crate) mod datasets;
pub(crate) mod deliveries;
pub(crate) mod documents;
pub(crate) mod grants;
pub(crate) mod jobs;
pub(crate) mod leases;
pub(crate) mod manifests;
pub(crate) mod metrics;
pub(crate) mod models;
pub(crate) mod notifications;
pub(crate) mod reports;
pub(crate) mod sessions;
pub(crate) mod settings;
pub(crate) mod setup;
pub(crate) mod sources;
pub(crate) mod stars;
pub(crate) mod statements;
pub(crate) mod tokens;
pub(crate) mod users;
pub(crate) mod walls;
