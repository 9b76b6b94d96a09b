//! The pages, one file each.

pub mod account;
pub mod admin;
pub mod dashboard;
pub mod dashboards;
pub mod data;
pub mod dataset;
pub(crate) mod deeds;
pub mod explore;
pub(crate) mod finder;
pub mod home;
pub(crate) mod impact;
pub mod metric;
pub mod metrics;
pub mod not_found;
pub mod report_builder;
pub(crate) mod sharing;
pub mod source;

pub use account::AccountPage;
pub use admin::AdminPage;
pub use dashboard::DashboardPage;
pub use dashboards::DashboardsPage;
pub use data::DataPage;
pub use dataset::DatasetPage;
pub use explore::ExplorePage;
pub use home::HomePage;
pub use metric::MetricPage;
pub use metrics::MetricsPage;
pub use not_found::NotFoundPage;
pub use report_builder::ReportBuilderPage;
pub use source::SourcePage;
