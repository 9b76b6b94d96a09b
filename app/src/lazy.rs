//! Where the client is cut: the code of a part is fetched when it is first shown, so that a
//! dashboard waits neither for the code of the other pages nor for that of its editor.
//!
//! Every part costs requests, for itself and for what it shares with each of the others.
//! So there are few: `board` (a dashboard), `edit` (what changes one, and Explore, SQL and the model of
//! a dataset, which are made of the same parts), `pages` (the rest).

use crate::components::ErrorState;
use crate::pages::admin::{PluginEditor, Writing};
use crate::pages::dataset::access::AccessTab;
use crate::pages::dataset::editing::Editing;
use crate::pages::dataset::model::{ModelTab, Modelling};
use crate::pages::{
    AccountPage, AdminPage, AlertPage, AlertsPage, AskPage, ChartsPage, DashboardPage, DashboardsPage, DataPage,
    DatasetPage, ExplorePage, ForecastPage, ForecastsPage, HistoryPage, HomePage, InboxPage, InsightsPage, MetricPage,
    MetricsPage, ModelPage, ModelsPage, NewAlertPage, NewForecastPage, NewModelPage, ReportBuilderPage, ReportPage,
    ReportsPage, SharedPage, SourcePage, SqlPage, WallPage, WhatIfPage,
};
use crate::tiles::panel::MeasureEditor;
use crate::tiles::{ChartPanel, ConditionEditor, Origin};
use domain::query::{Filter, Query};
use domain::{Column, Error, ErrorCode, Tile};
use leptos::prelude::*;
use leptos::reactive::computed::ScopedFuture;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use leptos_router::LazyRoute;
use std::sync::{Arc, Mutex};

/// The code of a part did not arrive: the connection is lost, or the server has another version now.
struct Missing;

impl From<SplitLoaderError> for Missing {
    fn from(_: SplitLoaderError) -> Self {
        Self
    }
}

type Part = Result<AnyView, Missing>;

/// What came of loading a part.
fn arrived(part: Part) -> AnyView {
    part.unwrap_or_else(|Missing| {
        let error = Error::new(ErrorCode::Internal, "This part of the page could not be loaded.")
            .hint("Check the connection, then reload the page. What you have saved stays.");
        view! { <ErrorState error retry=|()| _ = window().location().reload()/> }.into_any()
    })
}

/// Declares pages as routes whose code is in one part.
macro_rules! routes {
    ($part:ident: $($route:ident = $page:ident as $view:ident, $preload:ident;)*) => {$(
        #[wasm_split($part, wasm_split_path = leptos::wasm_split, preload($preload), fallible)]
        fn $view() -> Part {
            Ok($page().into_any())
        }

        /// A page as a route.
        #[derive(Debug)]
        pub(crate) struct $route;

        impl LazyRoute for $route {
            fn data() -> Self {
                Self
            }

            async fn view(_route: Self) -> AnyView {
                // The page's head then names what it will need.
                #[cfg(feature = "ssr")]
                leptos::prefetch_lazy_fn_on_server(stringify!($part));
                arrived($view().await)
            }

            async fn preload() {
                // Where it does not arrive, the page says so.
                _ = $preload().await;
            }
        }
    )*};
}

routes! { board:
    Dashboard = DashboardPage as dashboard_view, preload_dashboard;
    Wall = WallPage as wall_view, preload_wall;
    Shared = SharedPage as shared_view, preload_shared;
}

routes! { edit:
    Ask = AskPage as ask_view, preload_ask;
    Explore = ExplorePage as explore_view, preload_explore;
    History = HistoryPage as history_view, preload_history;
    Charts = ChartsPage as charts_view, preload_charts;
    Report = ReportPage as report_view, preload_report;
    ReportBuilder = ReportBuilderPage as report_builder_view, preload_report_builder;
    Sql = SqlPage as sql_view, preload_sql;
    NewForecast = NewForecastPage as new_forecast_view, preload_new_forecast;
    Forecast = ForecastPage as forecast_view, preload_forecast;
    WhatIf = WhatIfPage as what_if_view, preload_what_if;
}

routes! { pages:
    Home = HomePage as home_view, preload_home;
    Data = DataPage as data_view, preload_data;
    Dataset = DatasetPage as dataset_view, preload_dataset;
    Source = SourcePage as source_view, preload_source;
    Dashboards = DashboardsPage as dashboards_view, preload_dashboards;
    Metrics = MetricsPage as metrics_view, preload_metrics;
    Metric = MetricPage as metric_view, preload_metric;
    Alerts = AlertsPage as alerts_view, preload_alerts;
    NewAlert = NewAlertPage as new_alert_view, preload_new_alert;
    Alert = AlertPage as alert_view, preload_alert;
    Reports = ReportsPage as reports_view, preload_reports;
    Models = ModelsPage as models_view, preload_models;
    NewModel = NewModelPage as new_model_view, preload_new_model;
    Model = ModelPage as model_view, preload_model;
    Forecasts = ForecastsPage as forecasts_view, preload_forecasts;
    Inbox = InboxPage as inbox_view, preload_inbox;
    Insights = InsightsPage as insights_view, preload_insights;
    Account = AccountPage as account_view, preload_account;
    Admin = AdminPage as admin_view, preload_admin;
}

/// Shows a view once its code is there. Not a `Suspend`: that would put the placeholder of the
/// page in the place of the whole page meanwhile. The server shows nothing: these open on a click.
fn later(view: impl Future<Output = Part> + 'static) -> AnyView {
    let is_there = RwSignal::new(false);
    let slot = Arc::new(Mutex::new(None));
    if !is_server() {
        let slot = slot.clone();
        // Made under the owner of now, so that it finds its context.
        let view = ScopedFuture::new(view);
        leptos::task::spawn_local(async move {
            let view = arrived(view.await);
            if let Ok(mut slot) = slot.lock() {
                *slot = Some(view);
            }
            _ = is_there.try_set(true);
        });
    }
    (move || is_there.get().then(|| slot.lock().ok().and_then(|mut slot| slot.take()))).into_any()
}

#[wasm_split(edit, wasm_split_path = leptos::wasm_split, fallible)]
fn chart_panel_view(tile: Signal<Tile>, on_change: Callback<Tile>, on_close: Callback<()>) -> Part {
    Ok(view! { <ChartPanel tile on_change on_close/> }.into_any())
}

/// The panel that edits one tile, once its code is there.
pub(crate) fn chart_panel(tile: Signal<Tile>, on_change: Callback<Tile>, on_close: Callback<()>) -> AnyView {
    later(chart_panel_view(tile, on_change, on_close))
}

#[wasm_split(edit, wasm_split_path = leptos::wasm_split, fallible)]
fn condition_editor_view(
    column: Column,
    origin: Origin,
    value: Signal<Option<Filter>>,
    on_change: Callback<Option<Filter>>,
) -> Part {
    Ok(view! { <ConditionEditor column origin value on_change/> }.into_any())
}

/// The editor of one condition, once its code is there.
pub(crate) fn condition_editor(
    column: Column,
    origin: Origin,
    value: Signal<Option<Filter>>,
    on_change: Callback<Option<Filter>>,
) -> AnyView {
    later(condition_editor_view(column, origin, value, on_change))
}

#[wasm_split(edit, wasm_split_path = leptos::wasm_split, fallible)]
fn plugin_editor_view(writing: Writing, open: RwSignal<bool>, on_saved: Callback<()>) -> Part {
    Ok(view! { <PluginEditor writing open on_saved/> }.into_any())
}

/// The editor of a plug-in chart, once its code is there.
pub(crate) fn plugin_editor(writing: Writing, open: RwSignal<bool>, on_saved: Callback<()>) -> AnyView {
    later(plugin_editor_view(writing, open, on_saved))
}

#[wasm_split(edit, wasm_split_path = leptos::wasm_split, fallible)]
fn measure_editor_view(query: RwSignal<Query>) -> Part {
    Ok(view! { <MeasureEditor query/> }.into_any())
}

/// The editor of one number of a dataset, once its code is there.
pub(crate) fn measure_editor(query: RwSignal<Query>) -> AnyView {
    later(measure_editor_view(query))
}

#[wasm_split(edit, wasm_split_path = leptos::wasm_split, fallible)]
fn model_tab_view(modelling: Modelling) -> Part {
    Ok(view! { <ModelTab modelling/> }.into_any())
}

/// The model of a dataset, once its code is there: it is made of parts of the chart panel.
pub(crate) fn model_tab(modelling: Modelling) -> AnyView {
    later(model_tab_view(modelling))
}

#[wasm_split(edit, wasm_split_path = leptos::wasm_split, fallible)]
fn access_tab_view(editing: Editing) -> Part {
    Ok(view! { <AccessTab editing/> }.into_any())
}

/// Who sees what of a dataset, once its code is there: its conditions are those of the chart panel.
pub(crate) fn access_tab(editing: Editing) -> AnyView {
    later(access_tab_view(editing))
}

/// Declares parts of the dashboard page that take nothing but its context.
macro_rules! edit_views {
    ($($(#[$doc:meta])* $name:ident = $component:path as $view:ident;)*) => {$(
        #[wasm_split(edit, wasm_split_path = leptos::wasm_split, fallible)]
        fn $view() -> Part {
            Ok($component().into_any())
        }

        $(#[$doc])*
        pub(crate) fn $name() -> AnyView {
            later($view())
        }
    )*};
}

edit_views! {
    /// The bar above a dashboard being edited.
    edit_bar = crate::pages::dashboard::EditBar as edit_bar_view;
    /// A tile's place in numbers.
    place_dialog = crate::pages::dashboard::PlaceDialog as place_dialog_view;
    /// A tile's tab.
    tab_dialog = crate::pages::dashboard::TabDialog as tab_dialog_view;
    /// The rows behind a tile.
    rows_dialog = crate::pages::dashboard::RowsDialog as rows_dialog_view;
    /// Where a tile's data comes from.
    about_dialog = crate::pages::dashboard::AboutDialog as about_dialog_view;
    /// Which tiles filter a tile.
    scope_dialog = crate::pages::dashboard::ScopeDialog as scope_dialog_view;
    /// How a dashboard gets onto a wall.
    wall_dialog = crate::pages::dashboard::WallDialog as wall_dialog_view;
    /// Who sees a dashboard without a sign-in.
    links_dialog = crate::pages::dashboard::LinksDialog as links_dialog_view;
    /// That readers see another state than this one.
    draft_bar = crate::pages::dashboard::DraftBar as draft_bar_view;
    /// What readers see, and what they would see.
    publish_dialog = crate::pages::dashboard::PublishDialog as publish_dialog_view;
    /// Why a number changed.
    why_panel = crate::pages::dashboard::WhyPanel as why_panel_view;
    /// What a chart says, and what changed.
    insight_panel = crate::pages::dashboard::InsightPanel as insight_panel_view;
    /// What people say about the dashboard.
    comments_panel = crate::pages::dashboard::CommentsPanel as comments_panel_view;
}
