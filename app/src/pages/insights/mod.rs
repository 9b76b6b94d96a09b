//! Insights: what is new in all datasets, what one dataset, one chart, one dashboard has to say.

mod arithmetic;
mod card;
mod explained;
mod listing;
mod news;
mod picture;
mod recommended;
mod sentence;
mod tab;

pub(crate) use explained::{ExplainAnswer, beside, explaining, one};
pub use news::InsightsPage;
pub(crate) use sentence::narrative;
pub(crate) use tab::InsightsTab;
