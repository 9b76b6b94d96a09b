//! What data says by itself: of datasets, of charts, of dashboards.

use super::Result;
use domain::Query;
use domain::connect::TileAsk;
use domain::discovery::{DashboardChanges, DatasetInsights, GivenThumb, InsightNews, InsightSubscription, Since};
use domain::insight::Explanation;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// What a dataset says by itself; with `hidden` also what was given a thumb down.
#[server]
pub async fn read_insights(dataset: String, hidden: bool) -> Result<DatasetInsights> {
    let (services, caller) = super::caller()?;
    Ok(services.insights(&caller, &domain::discovery::InsightsRequest { dataset, hidden }).await?)
}

/// What is new in all datasets.
#[server]
pub async fn read_insight_news() -> Result<InsightNews> {
    let (services, caller) = super::caller()?;
    Ok(services.insight_news(&caller).await?)
}

/// Remembers what the caller thinks of a finding.
#[server(input = Json)]
pub async fn give_thumb(given: GivenThumb) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.give_thumb(&caller, &given).await?)
}

/// Tells the caller what is new in a dataset, of strong findings alone or of all; or, with neither, no more.
#[server]
pub async fn set_insight_subscription(
    dataset: String,
    wanted: bool,
    strong_only: bool,
) -> Result<Option<InsightSubscription>> {
    let (services, caller) = super::caller()?;
    if !wanted {
        services.unsubscribe_insights(&caller, &dataset).await?;
        return Ok(None);
    }
    let new = domain::discovery::NewInsightSubscription { dataset, strong_only };
    Ok(Some(services.subscribe_insights(&caller, &new).await?))
}

/// What a tile's chart says.
#[server(input = Json)]
pub async fn explain_tile(dashboard: String, tile: String, ask: TileAsk) -> Result<Explanation> {
    let (services, caller) = super::caller()?;
    Ok(services.explain_tile(&caller, &dashboard, &tile, &ask).await?)
}

/// What the answer to a question says.
#[server(input = Json)]
pub async fn explain_question(query: Query) -> Result<Explanation> {
    let (services, caller) = super::caller()?;
    Ok(services.explain_question(&caller, &query).await?)
}

/// What changed on a dashboard, under the filters of the page.
#[server(input = Json)]
pub async fn read_dashboard_changes(dashboard: String, since: Since, ask: TileAsk) -> Result<DashboardChanges> {
    let (services, caller) = super::caller()?;
    Ok(services.dashboard_changes(&caller, &dashboard, since, &ask).await?)
}
