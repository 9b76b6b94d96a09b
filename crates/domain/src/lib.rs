//! The words of Orrery: datasets, questions, charts, dashboards and their document, people and
//! rights. Plain data with serde, no I/O, no clock; it runs on the server and in the browser.

pub mod account;
pub mod alert;
pub mod api;
pub mod asking;
pub mod audit;
pub mod calendar;
pub mod chart;
pub mod column;
pub mod comment;
pub mod connect;
pub mod dashboard;
pub mod dataset;
pub mod document;
pub mod error;
pub mod format;
pub mod history;
pub mod layout;
pub mod lineage;
pub mod link;
pub mod live;
pub mod metric;
pub mod model;
pub mod names;
pub mod notify;
pub mod people;
pub mod plugin;
pub mod policy;
pub mod presence;
pub mod query;
pub mod report;
pub mod sharing;
pub mod source;
pub mod sql;
pub mod table;
pub mod wall;

pub use chart::{ChartKind, ChartSpec};
pub use column::{Column, DataType, Role};
pub use dashboard::{Dashboard, Tile};
pub use dataset::Dataset;
pub use error::{Error, ErrorCode, Result};
pub use people::{Access, Caller, UserRole};
pub use query::Query;
pub use table::{Cell, Field, Table};
