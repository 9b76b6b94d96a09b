//! Small pictures of dashboards. One is drawn when somebody looks for it or a while after a change, and
//! kept under what it was drawn from: the document, the versions of its data, the day. The tiles of
//! a dashboard answer the same to all who see everything of its data; others get no picture.

use crate::catalog::Loaded;
use crate::policies::Reader;
use crate::{Services, clock};
use charts::Theme;
use domain::dashboard::{DataSource, Layout, Tile, TileKind};
use domain::table::{Cell, Table};
use domain::{Caller, ChartKind, ChartSpec, Error, ErrorCode, Result, format};
use export::paper::{Limits, Renderer};
use export::thumbnail::{self, Body, Part};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Changes when pictures are drawn another way, so that old ones are drawn anew.
const WAY: &str = "1";
/// A dashboard at rest for so long after a change is drawn.
const PAUSE: Duration = Duration::from_secs(10);
/// Whoever asks for a picture that is not there waits no longer.
const PATIENCE: Duration = Duration::from_secs(8);
/// Rows and columns of a table that can be seen in a picture.
const ROWS: usize = 16;
const COLUMNS: usize = 10;
/// The language of the numbers in it, as on paper.
const LOCALE: &str = "en-US";

/// What draws pictures, where the files for it are there.
pub(crate) struct Thumbnails {
    renderer: Option<Renderer>,
    folder: PathBuf,
    /// Dashboards that wait to be drawn.
    waiting: Mutex<HashSet<String>>,
    /// Pictures are drawn one after the other: nobody waits for them, others wait for their data.
    turn: Arc<Semaphore>,
}

/// A picture as PNG, and a name for what it was drawn from.
#[derive(Clone, Debug)]
pub struct Thumbnail {
    pub png: Vec<u8>,
    pub tag: String,
}

impl Thumbnails {
    pub(crate) fn open(paper: Option<&Path>, data_dir: &Path) -> Self {
        let limits = Limits { threads: 1, deadline: Duration::from_secs(5), ..Limits::default() };
        let renderer = paper.and_then(|folder| {
            let opened = Renderer::open(folder, limits);
            opened.inspect_err(|cause| tracing::warn!(%cause, "dashboards get no pictures")).ok()
        });
        let folder = data_dir.join("thumbnails");
        Self { renderer, folder, waiting: Mutex::default(), turn: Arc::new(Semaphore::new(1)) }
    }

    /// What draws, for others who need pictures.
    pub(crate) fn renderer(&self) -> Option<&Renderer> {
        self.renderer.as_ref()
    }
}

/// What the pictures of a publication are kept under.
fn published_key(id: &str) -> String {
    format!("{id}.published")
}

fn word(theme: Theme) -> &'static str {
    if theme == Theme::Dark { "dark" } else { "light" }
}

impl Services {
    /// The picture of a dashboard. While a newer one is drawn, the one before it.
    ///
    /// # Errors
    /// The dashboard is not visible, or there is no picture of it yet.
    pub async fn thumbnail(&self, caller: &Caller, slug_or_id: &str, dark: bool) -> Result<Thumbnail> {
        let theme = if dark { Theme::Dark } else { Theme::Light };
        let (row, access) = self.dashboard_for(caller, slug_or_id).await?;
        let none = || Error::new(ErrorCode::NotFound, "There is no picture of this dashboard yet.");
        let Some(renderer) = &self.thumbnails.renderer else { return Err(none()) };
        let (layout, version) = self.layout_for(&row, access).await?;
        // It shows all rows: whoever does not see them all gets none, and the page draws a sketch.
        if self.is_narrowed_for(caller, &first_tab(&layout).collect::<Vec<_>>()).await? {
            return Err(none());
        }
        let tag = self.tag_of(&layout, version).await;
        // What readers see has pictures of its own: the one before it must not be of the draft.
        let key = if self.published_for(&row, access).await?.is_some() { published_key(&row.id) } else { row.id };
        let path = self.path_of(&key, theme, &tag);
        if let Ok(png) = tokio::fs::read(&path).await {
            return Ok(Thumbnail { png, tag });
        }
        let (services, renderer, id) = (self.clone(), renderer.clone(), key.clone());
        let drawing = tokio::spawn(async move { services.draw(&renderer, &id, &layout, theme, &path).await });
        if let Some((path, tag)) = self.former(&key, theme).await
            && let Ok(png) = tokio::fs::read(&path).await
        {
            return Ok(Thumbnail { png, tag });
        }
        match tokio::time::timeout(PATIENCE, drawing).await {
            Ok(Ok(Ok(png))) => Ok(Thumbnail { png, tag }),
            _ => Err(none()),
        }
    }

    /// Draws a dashboard once nobody has changed it for a while.
    pub(crate) fn picture_later(&self, id: &str) {
        if self.thumbnails.renderer.is_none() {
            return;
        }
        let waiting = || self.thumbnails.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if !waiting().insert(id.to_owned()) {
            return;
        }
        let (services, id) = (self.clone(), id.to_owned());
        tokio::spawn(async move {
            tokio::time::sleep(PAUSE).await;
            services.thumbnails.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
            if let Err(error) = services.picture(&id).await {
                tracing::debug!(%error, dashboard = id, "drawing a thumbnail");
            }
        });
    }

    async fn picture(&self, id: &str) -> Result<()> {
        let Some(renderer) = &self.thumbnails.renderer else { return Ok(()) };
        let (layout, version) = self.read_document(id, |d, v| (d.layout(), v)).await?;
        let tag = self.tag_of(&layout, version).await;
        for theme in [Theme::Light, Theme::Dark] {
            let path = self.path_of(id, theme, &tag);
            if !path.exists() {
                self.draw(renderer, id, &layout, theme, &path).await?;
            }
        }
        Ok(())
    }

    /// Removes the pictures of a dashboard that is gone.
    pub(crate) async fn forget_pictures(&self, id: &str) {
        for theme in [Theme::Light, Theme::Dark] {
            self.clear(id, theme, None).await;
            self.clear(&published_key(id), theme, None).await;
        }
    }

    fn path_of(&self, id: &str, theme: Theme, tag: &str) -> PathBuf {
        self.thumbnails.folder.join(format!("{id}-{}-{tag}.png", word(theme)))
    }

    /// The pictures of a dashboard that there are.
    async fn pictures(&self, id: &str, theme: Theme) -> Vec<(PathBuf, String)> {
        let prefix = format!("{id}-{}-", word(theme));
        let mut found = Vec::new();
        let Ok(mut entries) = tokio::fs::read_dir(&self.thumbnails.folder).await else { return found };
        while let Ok(Some(entry)) = entries.next_entry().await {
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Some(tag) = name.strip_prefix(&prefix).and_then(|rest| rest.strip_suffix(".png")) {
                found.push((entry.path(), tag.to_owned()));
            }
        }
        found
    }

    async fn former(&self, id: &str, theme: Theme) -> Option<(PathBuf, String)> {
        self.pictures(id, theme).await.into_iter().next()
    }

    async fn clear(&self, id: &str, theme: Theme, kept: Option<&Path>) {
        for (path, _) in self.pictures(id, theme).await {
            if Some(path.as_path()) != kept {
                // Another process may have been quicker.
                let _ = tokio::fs::remove_file(&path).await;
            }
        }
    }

    async fn draw(&self, renderer: &Renderer, id: &str, layout: &Layout, theme: Theme, path: &Path) -> Result<Vec<u8>> {
        let _turn = self.thumbnails.turn.clone().acquire_owned().await.map_err(|_| Error::internal())?;
        if let Ok(png) = tokio::fs::read(path).await {
            return Ok(png);
        }
        let mut parts = Vec::new();
        for tile in first_tab(layout) {
            let p = tile.position;
            let body = self.body_of(tile, theme).await.unwrap_or(Body::Blank);
            parts.push(Part { title: tile.title.clone(), x: p.x, y: p.y, w: p.w, h: p.h, body });
        }
        let png = thumbnail::draw(renderer, &parts, theme).await?;
        let fail = |cause: std::io::Error| {
            tracing::warn!(%cause, "keeping a thumbnail");
            Error::internal()
        };
        tokio::fs::create_dir_all(&self.thumbnails.folder).await.map_err(fail)?;
        // Whoever reads meanwhile finds the whole picture or none.
        let part = path.with_extension("part");
        tokio::fs::write(&part, &png).await.map_err(fail)?;
        tokio::fs::rename(&part, path).await.map_err(fail)?;
        self.clear(id, theme, Some(path)).await;
        Ok(png)
    }

    /// What a picture would be drawn from. Dates relative to today move with the day.
    async fn tag_of(&self, layout: &Layout, version: i64) -> String {
        let mut hash = Sha256::new();
        let mut add = |text: &str| {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        };
        add(WAY);
        add(&version.to_string());
        add(&clock::today());
        for tile in first_tab(layout) {
            let Some(source) = &tile.data_source else { continue };
            if let Some(metric) = &source.metric {
                let reading = self.shared_reading(metric).await;
                add(&reading.map(|r| r.reading.formatted_value).unwrap_or_default());
            } else if let Some(forecast) = &source.forecast {
                add(&self.forecast_tag(forecast).await.unwrap_or_default());
            } else if let Ok((loaded, query, kind)) = self.own_question(tile, &Reader::everything()).await {
                add(&self
                    .chart_of(kind, DataSource::default())
                    .await
                    .plugin
                    .map(|p| crate::to_json(&*p))
                    .unwrap_or_default());
                let Ok(names) = self.names_of(&loaded, &query).await else { continue };
                names.0.iter().for_each(|(_, l)| add(&format!("{}:{}", l.row.id, l.row.version)));
            }
        }
        let digest = hash.finalize();
        digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    async fn body_of(&self, tile: &Tile, theme: Theme) -> Result<Body> {
        match tile.kind {
            TileKind::Text => return Ok(Body::Text(plain(tile.text.as_deref().unwrap_or_default()))),
            TileKind::Image | TileKind::Filter => return Ok(Body::Blank),
            _ => {}
        }
        let source = tile.data_source.clone().unwrap_or_default();
        if let Some(metric) = &source.metric {
            let shown = self.shared_reading(metric).await?;
            return Ok(Body::Figure { value: shown.reading.formatted_value, line: shown.name });
        }
        if let Some(forecast) = &source.forecast {
            let data = self.forecast_data(&Reader::everything(), tile, forecast, &source).await?;
            return Ok(body(&data.spec, &data.table, theme));
        }
        let (loaded, query, kind) = self.own_question(tile, &Reader::everything()).await?;
        let spec = self.chart_of(kind, source).await;
        let query = charts::prepare(&spec, &query, &|name| is_number(&loaded, name));
        let (answer, _) = self.answer(&loaded, &query, false).await?;
        Ok(body(&spec, &answer.table, theme))
    }
}

fn is_number(loaded: &Loaded, name: &str) -> bool {
    loaded.column(name).is_some_and(|c| c.ty.is_number())
}

fn body(spec: &ChartSpec, table: &Table, theme: Theme) -> Body {
    match spec.kind {
        ChartKind::Number => {
            let n = charts::number_in(spec, table, LOCALE);
            let line = n.change.or(n.period).unwrap_or(n.label);
            Body::Figure { value: n.formatted, line }
        }
        ChartKind::Pivot => {
            let grid = charts::crosstab(spec, table, &charts::PivotView::default());
            let written = |head: &charts::Head, cell: &Cell| {
                table.columns.get(head.value).map(|f| format::cell(cell, f, true, LOCALE)).unwrap_or_default()
            };
            let name = |head: &charts::Head| head.path.last().cloned().unwrap_or_else(|| "Total".to_owned());
            let head = std::iter::once(grid.rows.join(" / ")).chain(grid.heads.iter().map(name));
            let lines = grid.lines.iter().take(ROWS).map(|line| {
                let cells = grid.heads.iter().zip(&line.cells).map(|(head, cell)| written(head, cell));
                let name = line.path.last().cloned().unwrap_or_else(|| "Total".to_owned());
                std::iter::once(name).chain(cells).take(COLUMNS).collect()
            });
            Body::Rows(std::iter::once(head.take(COLUMNS).collect()).chain(lines).collect())
        }
        ChartKind::Table => {
            let head = table.columns.iter().take(COLUMNS).map(|f| f.label.clone()).collect();
            let row = |r: usize| {
                let columns = table.columns.iter().zip(&table.data).take(COLUMNS);
                columns
                    .map(|(f, cells)| cells.get(r).map(|c| format::cell(c, f, true, LOCALE)).unwrap_or_default())
                    .collect()
            };
            Body::Rows(std::iter::once(head).chain((0..table.row_count().min(ROWS)).map(row)).collect())
        }
        _ => Body::Chart(charts::option(spec, table, theme)),
    }
}

/// The tiles that one sees first.
fn first_tab(layout: &Layout) -> impl Iterator<Item = &Tile> {
    let first = layout.tabs.first().map(|t| t.id.as_str());
    layout.widgets.iter().filter(move |t| first.is_none() || t.tab.as_deref().is_none_or(|tab| Some(tab) == first))
}

/// The words of a Markdown text, line by line.
fn plain(text: &str) -> Vec<String> {
    let words = |line: &str| line.trim_start_matches(['#', '>', '*', '-', ' ']).replace("**", "").replace('`', "");
    text.lines().map(words).filter(|line| !line.trim().is_empty()).take(12).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_its_words() {
        assert_eq!(plain("# Sales\n\n- **North** and `South`\n> said"), ["Sales", "North and South", "said"]);
    }
}
