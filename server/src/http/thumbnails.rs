//! Small pictures of dashboards.

use super::{Answer, Errors, Params};
use crate::auth::Who;
use crate::router::App;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(thumbnail))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
struct Look {
    /// In the colours of the dark theme.
    dark: bool,
}

/// A picture of a dashboard for lists: PNG, 600 by 330 pixels. It is drawn when it is first asked for;
/// until then, and where the server cannot draw, there is none.
#[utoipa::path(get, path = "/dashboards/{id}/thumbnail", tag = "Dashboards", params(("id" = String, Path), Look),
    responses((status = 200, description = "The picture", content_type = "image/png", body = Vec<u8>),
        (status = 304, description = "It has not changed"), Errors))]
async fn thumbnail(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Params(look): Params<Look>,
    headers: HeaderMap,
) -> Answer<Response> {
    let picture = app.services.thumbnail(&caller, &id, look.dark).await?;
    let tag = format!("\"{}\"", picture.tag);
    let kept = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, "private, no-cache".to_owned())];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return Ok((StatusCode::NOT_MODIFIED, kept).into_response());
    }
    Ok((kept, [(header::CONTENT_TYPE, "image/png")], picture.png).into_response())
}
