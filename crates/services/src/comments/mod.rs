//! Comments on dashboards. Who may see a dashboard reads them, who may comment on it writes; a screen
//! on a wall and whoever comes by a public link sees nothing of them.

mod deeds;
mod pace;
mod people;
mod show;

pub(crate) use pace::pace;

use crate::Services;
use crate::access::require_talk;
use domain::comment::{CommentNews, MOST_THREADS, Thread, ThreadPage, ThreadsRequest};
use domain::{Access, Caller, Error, Result};
use std::collections::HashSet;
use store::{DashboardRow, ThreadRow, ThreadsWanted};

/// Threads of a page, where nothing else is asked for.
const PAGE: usize = 50;
/// Threads that are read together.
const AT_ONCE: usize = 20;
/// A page ends early when what was said in it has so many bytes.
const MOST_BYTES: usize = 4 << 20;

/// The topic of a dashboard's comments.
fn topic(dashboard_id: &str) -> String {
    format!("comments:{dashboard_id}")
}

/// What a thread that is not there answers, and one of another dashboard.
/// The topic of those who do not change the dashboard.
fn readers_topic(dashboard_id: &str) -> String {
    format!("comments-readers:{dashboard_id}")
}

/// Whether a thread is for who reads those of these tiles.
fn is_told(tiles: Option<&HashSet<String>>, tile: Option<&str>) -> bool {
    tile.is_none_or(|tile| tiles.is_none_or(|tiles| tiles.contains(tile)))
}

fn no_thread() -> Error {
    Error::not_found("thread")
}

impl Services {
    /// The dashboard that is talked about, with what the caller may do with it.
    async fn talked_about(&self, caller: &Caller, slug_or_id: &str) -> Result<(DashboardRow, Access)> {
        require_talk(caller)?;
        self.dashboard_for(caller, slug_or_id).await
    }

    /// The topic of a dashboard's comments, for those who may read them.
    ///
    /// # Errors
    /// The dashboard is not visible.
    pub async fn comments_topic(&self, caller: &Caller, slug_or_id: &str) -> Result<String> {
        let (row, access) = self.talked_about(caller, slug_or_id).await?;
        Ok(if access >= Access::Edit { topic(&row.id) } else { readers_topic(&row.id) })
    }

    /// A page of the threads of a dashboard, the latest change first.
    ///
    /// # Errors
    /// The dashboard is not visible, or there is no such page.
    pub async fn list_threads(
        &self,
        caller: &Caller,
        slug_or_id: &str,
        request: &ThreadsRequest,
    ) -> Result<ThreadPage> {
        let (row, access) = self.talked_about(caller, slug_or_id).await?;
        let shown = self.tiles_told_of(&row, access).await?;
        let limit = request.limit.unwrap_or(PAGE);
        if !(1..=MOST_THREADS).contains(&limit) {
            return Err(Error::invalid("The limit is 1 to 200.").field("limit"));
        }
        if request.tile.as_ref().is_some_and(|tile| tile.contains('\0')) {
            return Err(Error::invalid("There is no such tile.").field("tile"));
        }
        let wanted = ThreadsWanted {
            dashboard_id: &row.id,
            state: request.state.as_str(),
            user_id: &caller.user_id,
            mine: request.mine,
            mentions: request.mentions,
            tile_id: request.tile.as_deref(),
        };
        let total = u64::try_from(self.store.count_threads(&wanted).await?).unwrap_or_default();
        let reads = self.store.reads_of(&row.id, &caller.user_id).await?;
        let names = self.user_names().await?;
        let mut after = request.cursor.as_deref().map(read_cursor).transpose()?;
        let (mut items, mut bytes) = (Vec::new(), 0);
        while items.len() < limit && bytes < MOST_BYTES {
            let room = AT_ONCE.min(limit - items.len());
            let place = after.as_ref().map(|(at, id)| (*at, id.as_str()));
            // One more tells whether anything follows.
            let mut threads = self.store.threads(&wanted, place, i64::try_from(room + 1).unwrap_or(1)).await?;
            let more = threads.len() > room;
            threads.truncate(room);
            let (Some(first), Some(last)) = (threads.first(), threads.last()) else {
                after = None;
                break;
            };
            let said = self.store.said_between(&row.id, last.updated_at, first.updated_at).await?;
            after = more.then(|| (last.updated_at, last.id.clone()));
            for thread in threads.into_iter().filter(|t| is_told(shown.as_ref(), t.tile_id.as_deref())) {
                let read_to = reads.get(&thread.id).cloned();
                let shown = Thread { read_to, ..show::thread(thread, &said, &names) };
                bytes += shown.comments.iter().map(|c| c.body.len()).sum::<usize>();
                items.push(shown);
            }
            if after.is_none() {
                break;
            }
        }
        Ok(ThreadPage { items, total, next: after.map(|(at, id)| format!("{at}-{id}")) })
    }

    /// One thread.
    ///
    /// # Errors
    /// The dashboard is not visible, or has no such thread.
    pub async fn get_thread(&self, caller: &Caller, slug_or_id: &str, id: &str) -> Result<Thread> {
        let (row, access) = self.talked_about(caller, slug_or_id).await?;
        let thread = self.thread_told(&row, access, id).await?;
        self.shown_to(caller, thread).await
    }

    /// The tiles whose threads somebody reads; `None`: all. A draft is not talked about before its readers.
    async fn tiles_told_of(&self, row: &DashboardRow, access: Access) -> Result<Option<HashSet<String>>> {
        let published = self.published_for(row, access).await?;
        Ok(published.map(|p| p.snapshot.layout.widgets.iter().map(|tile| tile.id.clone()).collect()))
    }

    /// A thread that somebody may read.
    async fn thread_told(&self, row: &DashboardRow, access: Access, id: &str) -> Result<ThreadRow> {
        let thread = self.thread_of(&row.id, id).await?;
        let told = is_told(self.tiles_told_of(row, access).await?.as_ref(), thread.tile_id.as_deref());
        told.then_some(thread).ok_or_else(no_thread)
    }

    async fn thread_of(&self, dashboard_id: &str, id: &str) -> Result<ThreadRow> {
        if id.contains('\0') {
            return Err(no_thread());
        }
        self.store.thread(dashboard_id, id).await?.ok_or_else(no_thread)
    }

    /// A thread with what somebody has seen of it.
    async fn shown_to(&self, caller: &Caller, row: ThreadRow) -> Result<Thread> {
        let read_to = self.store.reads_of(&row.dashboard_id, &caller.user_id).await?.remove(&row.id);
        Ok(Thread { read_to, ..self.shown(row).await? })
    }

    async fn shown(&self, row: ThreadRow) -> Result<Thread> {
        let said = self.store.said_in(&row.id).await?;
        Ok(show::thread(row, &said, &self.user_names().await?))
    }

    /// Tells all who follow what a thread is now, and answers it as the caller sees it.
    async fn changed(&self, caller: &Caller, dashboard_id: &str, id: &str) -> Result<Thread> {
        let row = self.thread_of(dashboard_id, id).await?;
        let thread = self.shown(row.clone()).await?;
        let told = match self.store.dashboard(dashboard_id, false).await? {
            Some(of) => is_told(self.tiles_told_of(&of, Access::View).await?.as_ref(), row.tile_id.as_deref()),
            None => false,
        };
        self.tell_comments(dashboard_id, &CommentNews { thread: Some(thread), gone: None }, told);
        self.shown_to(caller, row).await
    }

    /// Tells those who change the dashboard, and where it is for them those who only read it.
    fn tell_comments(&self, dashboard_id: &str, news: &CommentNews, readers_too: bool) {
        let news = serde_json::to_value(news).unwrap_or_default();
        if readers_too {
            self.hub.publish(&readers_topic(dashboard_id), news.clone(), false);
        }
        self.hub.publish(&topic(dashboard_id), news, false);
    }
}

/// Where a page ended.
fn read_cursor(text: &str) -> Result<(i64, String)> {
    let parts = text.split_once('-').and_then(|(at, id)| Some((at.parse().ok()?, id.to_owned())));
    let parts = parts.filter(|(_, id)| id.len() <= 64 && id.chars().all(|c| c.is_ascii_alphanumeric()));
    parts.ok_or_else(|| Error::invalid("This cursor is not one of ours.").field("cursor"))
}
