//! What Orrery knows about itself: people, datasets, dashboards with their log, metrics, rights,
//! jobs. SQLite in one file; the SQL is kept such that PostgreSQL takes it too. No rights are
//! checked here and no clock is read: `services` does both.

mod error;
mod open;
mod repos;
mod upkeep;
mod word;

pub use open::Store;
pub use repos::alert_states::{AlertEventRow, AlertInstanceRow, AlertRound, LetterRow};
pub use repos::alerts::AlertRow;
pub use repos::anomalies::AnomalyRow;
pub use repos::asking::{AskPromptRow, AskWordRow};
pub use repos::audit::{AuditEntry, AuditFilter, AuditRow};
pub use repos::channels::ChannelRow;
pub use repos::chart_plugins::ChartPluginRow;
pub use repos::comments::{BesideRow, CommentRow, SaidRows, ThreadRow, ThreadsWanted};
pub use repos::dashboards::{DashboardMeta, DashboardRow};
pub use repos::datasets::{DatasetMeta, DatasetRow};
pub use repos::deliveries::{Attempt, DeliveryRow, NoticeRow};
pub use repos::documents::{MILESTONE, Mark, MirroredMeta, NewOperation, OperationRow};
pub use repos::folders::{FolderRow, MOST_LEVELS};
pub use repos::forecasts::{ForecastRow, ForecastRunRow, ScenarioRow};
pub use repos::grants::{GrantRow, GroupGrantRow, ThingKind};
pub use repos::groups::{GroupRow, MemberRow};
pub use repos::history::{BucketRow, NewReading, ValueRow};
pub use repos::insights::{InsightRunRow, InsightSubscriptionRow, InsightThumbRow};
pub use repos::invitations::InvitationRow;
pub use repos::jobs::{JobRow, JobStatus, Outcome};
pub use repos::links::PublicLinkRow;
pub use repos::manifests::Manifest;
pub use repos::metrics::MetricRow;
pub use repos::models::ModelRow;
pub use repos::models_registry::{LearnedRow, LearnedVersionRow};
pub use repos::notifications::NotificationRow;
pub use repos::ownership::{Handover, OwnedRow};
pub use repos::policies::{PolicyRow, WayRow};
pub use repos::profiles::{ProfileRow, TotpRow};
pub use repos::reports::ReportRow;
pub use repos::sessions::SessionRow;
pub use repos::setup::LinkRow;
pub use repos::sources::{SourceRow, SourceTableRow};
pub use repos::statements::StatementRow;
pub use repos::tokens::TokenRow;
pub use repos::users::UserRow;
pub use repos::versions::{PublicationRow, PublishedRow, VersionRow};
pub use repos::walls::WallLinkRow;
