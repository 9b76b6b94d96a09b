//! What people do with comments: say something, answer, change their words, take them back, resolve.

use crate::access::{require_comment, require_own_words, require_scope};
use crate::{Services, clock, new_id, to_json};
use domain::comment::{CommentNews, CommentText, MOST_COMMENTS, NewThread, Reaction, Thread, check_body};
use domain::people::Scope;
use domain::{Access, Caller, Error, ErrorCode, Result};
use store::{CommentRow, DashboardRow, ThreadRow};

/// A thread of a dashboard that is being changed, and what the caller may do there.
struct Held {
    dashboard: DashboardRow,
    access: Access,
    thread: ThreadRow,
}

impl Services {
    /// A thread, for those who may comment and are not too fast.
    async fn held(&self, caller: &Caller, slug_or_id: &str, thread: &str) -> Result<Held> {
        let (dashboard, access) = self.talked_about(caller, slug_or_id).await?;
        let thread = self.thread_told(&dashboard, access, thread).await?;
        require_comment(caller, access)?;
        self.not_too_fast(caller)?;
        Ok(Held { dashboard, access, thread })
    }

    /// A comment of a thread that still stands.
    async fn comment_of(&self, thread: &ThreadRow, id: &str) -> Result<CommentRow> {
        let all = self.store.said_in(&thread.id).await?.comments;
        all.into_iter().find(|c| c.id == id && c.deleted_at.is_none()).ok_or_else(|| Error::not_found("comment"))
    }

    /// Begins a thread, on the dashboard, a tile or a place of its axis. Who is named in it is told.
    ///
    /// # Errors
    /// No right to comment, no such tile, words that are none or too many, or too fast.
    pub async fn begin_thread(&self, caller: &Caller, slug_or_id: &str, new: NewThread) -> Result<Thread> {
        let (row, access) = self.talked_about(caller, slug_or_id).await?;
        require_comment(caller, access)?;
        new.check()?;
        if let Some(tile) = &new.tile {
            self.place_of(&row, access, tile).await.map_err(|error| match error.code {
                ErrorCode::NotFound => Error::invalid("This dashboard has no such tile.").field("tile"),
                _ => error,
            })?;
        }
        let now = clock::now_ms();
        self.not_too_fast(caller)?;
        let people = self.named_in(&row, &new.body).await?;
        let thread = ThreadRow {
            id: new_id(),
            dashboard_id: row.id.clone(),
            tile_id: new.tile,
            place_json: new.place.as_ref().map(to_json),
            about: new.about,
            created_at: now,
            updated_at: now,
            resolved_at: None,
            resolved_by: None,
        };
        let first = said(caller, &thread.id, new.body, now);
        let named: Vec<String> = people.iter().map(|p| p.id.clone()).collect();
        self.store.insert_thread(&thread, &first, &named).await?;
        self.record(caller, "comment", "dashboard", &row.id).await;
        self.tell_named(caller, &row, (&thread.id, &first.id), &first.body, &people).await;
        self.changed(caller, &row.id, &thread.id).await
    }

    /// Answers in a thread, which is open again by that. Who is named is told.
    ///
    /// # Errors
    /// No right to comment, no such thread or one that is full, words that are none or too many, too fast.
    pub async fn reply(&self, caller: &Caller, slug_or_id: &str, thread: &str, text: CommentText) -> Result<Thread> {
        check_body(&text.body)?;
        let held = self.held(caller, slug_or_id, thread).await?;
        if self.store.said_in(&held.thread.id).await?.comments.len() >= MOST_COMMENTS {
            let error = Error::new(ErrorCode::RuleRefused, "This thread is full.");
            return Err(error.hint("Begin another one."));
        }
        let people = self.named_in(&held.dashboard, &text.body).await?;
        let comment = said(caller, &held.thread.id, text.body, clock::now_ms());
        let named: Vec<String> = people.iter().map(|p| p.id.clone()).collect();
        self.store.insert_reply(&comment, &named).await?;
        self.record(caller, "reply", "dashboard", &held.dashboard.id).await;
        let at = (held.thread.id.as_str(), comment.id.as_str());
        self.tell_named(caller, &held.dashboard, at, &comment.body, &people).await;
        self.changed(caller, &held.dashboard.id, &held.thread.id).await
    }

    /// Gives one's own comment other words. Who is named now and was not before is told.
    ///
    /// # Errors
    /// Somebody else wrote it, there is no such comment, words that are none or too many, too fast.
    pub async fn edit_comment(
        &self,
        caller: &Caller,
        slug_or_id: &str,
        (thread, comment): (&str, &str),
        text: CommentText,
    ) -> Result<Thread> {
        check_body(&text.body)?;
        let held = self.held(caller, slug_or_id, thread).await?;
        let row = self.comment_of(&held.thread, comment).await?;
        require_own_words(caller, &row.author_id, None)?;
        let people = self.named_in(&held.dashboard, &text.body).await?;
        let named: Vec<String> = people.iter().map(|p| p.id.clone()).collect();
        self.store.update_comment(&row.id, &text.body, &named, clock::now_ms()).await?;
        self.record(caller, "edit", "comment", &row.id).await;
        self.tell_named(caller, &held.dashboard, (&held.thread.id, &row.id), &text.body, &people).await;
        self.changed(caller, &held.dashboard.id, &held.thread.id).await
    }

    /// Deletes one's own comment, or as the owner of the dashboard anybody's. Where others follow, its
    /// place stays without its words.
    ///
    /// # Errors
    /// Neither wrote it nor owns the dashboard, or there is no such comment.
    pub async fn delete_comment(
        &self,
        caller: &Caller,
        slug_or_id: &str,
        (thread, comment): (&str, &str),
    ) -> Result<()> {
        let held = self.held(caller, slug_or_id, thread).await?;
        let row = self.comment_of(&held.thread, comment).await?;
        require_own_words(caller, &row.author_id, Some(held.access))?;
        let stays = self.store.delete_comment(&held.thread.id, &row.id, clock::now_ms()).await?;
        self.record(caller, "delete", "comment", &row.id).await;
        if stays {
            self.changed(caller, &held.dashboard.id, &held.thread.id).await?;
        } else {
            let news = CommentNews { thread: None, gone: Some(held.thread.id) };
            self.tell_comments(&held.dashboard.id, &news, true);
        }
        Ok(())
    }

    /// Resolves a thread, or opens it again.
    ///
    /// # Errors
    /// No right to comment, or no such thread.
    pub async fn resolve_thread(
        &self,
        caller: &Caller,
        slug_or_id: &str,
        thread: &str,
        resolved: bool,
    ) -> Result<Thread> {
        let held = self.held(caller, slug_or_id, thread).await?;
        if held.thread.resolved_at.is_some() != resolved {
            let by = resolved.then_some(caller.user_id.as_str());
            self.store.resolve_thread(&held.thread.id, by, clock::now_ms()).await?;
            let deed = if resolved { "resolve" } else { "reopen" };
            self.record(caller, deed, "thread", &held.thread.id).await;
        }
        self.changed(caller, &held.dashboard.id, &held.thread.id).await
    }

    /// Reacts to a comment, or takes that back.
    ///
    /// # Errors
    /// No right to comment, or no such comment.
    pub async fn react(
        &self,
        caller: &Caller,
        slug_or_id: &str,
        (thread, comment): (&str, &str),
        reaction: Reaction,
        on: bool,
    ) -> Result<Thread> {
        let held = self.held(caller, slug_or_id, thread).await?;
        let row = self.comment_of(&held.thread, comment).await?;
        if on {
            self.store.react(&row.id, &caller.user_id, reaction.as_str(), clock::now_ms()).await?;
        } else {
            self.store.unreact(&row.id, &caller.user_id, reaction.as_str()).await?;
        }
        self.changed(caller, &held.dashboard.id, &held.thread.id).await
    }

    /// Marks a thread as read up to its last comment, or with `None` all threads of a dashboard.
    ///
    /// # Errors
    /// The dashboard is not visible, it has no such thread, or a token that only reads.
    pub async fn read_comments(&self, caller: &Caller, slug_or_id: &str, thread: Option<&str>) -> Result<()> {
        require_scope(caller, Scope::Write)?;
        let (row, _) = self.talked_about(caller, slug_or_id).await?;
        if let Some(thread) = thread {
            self.thread_of(&row.id, thread).await?;
        }
        self.store.read_threads(&row.id, thread, &caller.user_id).await
    }
}

/// What somebody says now.
fn said(caller: &Caller, thread_id: &str, body: String, now: i64) -> CommentRow {
    CommentRow {
        id: new_id(),
        thread_id: thread_id.to_owned(),
        author_id: caller.user_id.clone(),
        body,
        created_at: now,
        edited_at: None,
        deleted_at: None,
    }
}
