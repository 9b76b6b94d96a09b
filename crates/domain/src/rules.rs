//! What an administrator decided for everybody.

use serde::{Deserialize, Serialize};

/// What holds for datasets that are made from now on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NewDatasets {
    /// They are seen as they are shared.
    #[default]
    Open,
    /// Nobody but the owner sees rows until the owner says who.
    Closed,
}

/// Rules of the whole installation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct HouseRules {
    pub new_datasets: NewDatasets,
    /// Whether dashboards can be shown to people without an account, by public and embedded links. Where
    /// they cannot, links that were made before open nothing either.
    pub public_links: bool,
}

impl Default for HouseRules {
    fn default() -> Self {
        Self { new_datasets: NewDatasets::Open, public_links: true }
    }
}
