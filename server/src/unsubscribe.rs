//! The way out of mails: a plain page with one button, and the one click of mail programs (RFC 8058).
//! Both need the signed link of a mail and no account.

use crate::forms::{escape, page, status_of};
use crate::router::App;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Link {
    who: String,
    kind: String,
    code: String,
}

/// Asks, because programs that look at the links of mails follow them.
pub(crate) async fn ask(State(app): State<App>, Query(link): Query<Link>, headers: HeaderMap) -> Response {
    match app.services.check_unsubscribe(&link.who, &link.kind, &link.code).await {
        Ok(()) => {
            let body = format!(
                "<h1>No more mails</h1><p>You will get no more mails of the kind “{}”. Whoever has an account finds \
                 the messages in the inbox all the same.</p>\
                 <form method=\"post\"><button type=\"submit\" class=\"button button-primary\">Unsubscribe</button></form>",
                escape(&link.kind)
            );
            page(&app, &headers, "Unsubscribe", &body).into_response()
        }
        Err(error) => refused(&app, &headers, &error),
    }
}

/// Does it.
pub(crate) async fn unsubscribe(State(app): State<App>, Query(link): Query<Link>, headers: HeaderMap) -> Response {
    match app.services.unsubscribe(&link.who, &link.kind, &link.code).await {
        Ok(()) => {
            let body = "<h1>Done</h1><p role=\"status\">You get no more mails of this kind.</p>";
            page(&app, &headers, "Unsubscribe", body).into_response()
        }
        Err(error) => refused(&app, &headers, &error),
    }
}

fn refused(app: &App, headers: &HeaderMap, error: &domain::Error) -> Response {
    let body = format!("<h1>This does not work</h1><p role=\"alert\">{}</p>", escape(&error.to_string()));
    (status_of(error), page(app, headers, "Unsubscribe", &body)).into_response()
}
