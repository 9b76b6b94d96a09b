//! Comments on dashboards: threads, what was said in them, and who has seen it.

use crate::Store;
use crate::error::Explain;
use crate::repos::users::found;
use domain::Result;
use sqlx::{Any, Transaction};
use std::collections::HashMap;

/// A thread.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ThreadRow {
    pub id: String,
    pub dashboard_id: String,
    pub tile_id: Option<String>,
    /// `domain::comment::Place`.
    pub place_json: Option<String>,
    pub about: String,
    pub created_at: i64,
    pub updated_at: i64,
    pub resolved_at: Option<i64>,
    pub resolved_by: Option<String>,
}

/// A comment.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct CommentRow {
    pub id: String,
    pub thread_id: String,
    pub author_id: String,
    pub body: String,
    pub created_at: i64,
    pub edited_at: Option<i64>,
    pub deleted_at: Option<i64>,
}

/// A person beside a comment: named in it, or with a reaction to it.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct BesideRow {
    pub comment_id: String,
    pub user_id: String,
    /// Empty for a mention.
    pub reaction: String,
}

/// What was said in some threads of a dashboard.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SaidRows {
    /// In their order.
    pub comments: Vec<CommentRow>,
    pub mentions: Vec<BesideRow>,
    /// The first to react first.
    pub reactions: Vec<BesideRow>,
}

/// Which threads of a dashboard are meant.
#[derive(Clone, Debug, Default)]
pub struct ThreadsWanted<'a> {
    pub dashboard_id: &'a str,
    /// `open`, `resolved` or `all`.
    pub state: &'a str,
    /// Who asks: for `mine` and `mentions`.
    pub user_id: &'a str,
    pub mine: bool,
    pub mentions: bool,
    pub tile_id: Option<&'a str>,
}

/// The condition of [`ThreadsWanted`], on the table `t`, with the parameters 1 to 6.
macro_rules! wanted {
    ($head:literal, $tail:literal) => {
        concat!(
            $head,
            " WHERE t.dashboard_id = $1
               AND ($2 = 'all' OR ($2 = 'open' AND t.resolved_at IS NULL)
                    OR ($2 = 'resolved' AND t.resolved_at IS NOT NULL))
               AND ($3 = 0 OR EXISTS (SELECT 1 FROM comments c WHERE c.thread_id = t.id AND c.author_id = $4
                                      AND c.deleted_at IS NULL))
               AND ($5 = 0 OR EXISTS (SELECT 1 FROM comments c JOIN comment_mentions m ON m.comment_id = c.id
                                      WHERE c.thread_id = t.id AND m.user_id = $4 AND c.deleted_at IS NULL))
               AND ($6 = '' OR t.tile_id = $6) ",
            $tail
        )
    };
}

impl Store {
    /// Begins a thread with its first comment.
    ///
    /// # Errors
    /// There is no such dashboard or user.
    pub async fn insert_thread(&self, thread: &ThreadRow, first: &CommentRow, mentions: &[String]) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO comment_threads (id, dashboard_id, tile_id, place_json, about, created_at, updated_at,
                                          resolved_at, resolved_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(&thread.id)
        .bind(&thread.dashboard_id)
        .bind(&thread.tile_id)
        .bind(&thread.place_json)
        .bind(&thread.about)
        .bind(thread.created_at)
        .bind(thread.updated_at)
        .bind(thread.resolved_at)
        .bind(&thread.resolved_by)
        .execute(&mut *tx)
        .await
        .explain()?;
        insert_comment(&mut tx, first, mentions).await?;
        tx.commit().await.explain()
    }

    /// Adds a comment to a thread, which is open again by that.
    ///
    /// # Errors
    /// There is no such thread or user.
    pub async fn insert_reply(&self, comment: &CommentRow, mentions: &[String]) -> Result<()> {
        let mut tx = self.begin().await?;
        insert_comment(&mut tx, comment, mentions).await?;
        sqlx::query("UPDATE comment_threads SET updated_at = $1, resolved_at = NULL, resolved_by = NULL WHERE id = $2")
            .bind(comment.created_at)
            .bind(&comment.thread_id)
            .execute(&mut *tx)
            .await
            .explain()?;
        tx.commit().await.explain()
    }

    /// A thread of a dashboard.
    ///
    /// # Errors
    /// The database fails.
    pub async fn thread(&self, dashboard_id: &str, id: &str) -> Result<Option<ThreadRow>> {
        sqlx::query_as("SELECT * FROM comment_threads WHERE id = $1 AND dashboard_id = $2")
            .bind(id)
            .bind(dashboard_id)
            .fetch_optional(&self.reader)
            .await
            .explain()
    }

    /// A page of threads, the latest change first, after the one that changed at `after` with that id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn threads(
        &self,
        wanted: &ThreadsWanted<'_>,
        after: Option<(i64, &str)>,
        limit: i64,
    ) -> Result<Vec<ThreadRow>> {
        let (at, id) = after.unwrap_or((i64::MAX, ""));
        sqlx::query_as(wanted!(
            "SELECT t.* FROM comment_threads t",
            "AND (t.updated_at < $7 OR (t.updated_at = $7 AND t.id < $8)) ORDER BY t.updated_at DESC, t.id DESC LIMIT $9"
        ))
        .bind(wanted.dashboard_id)
        .bind(wanted.state)
        .bind(i64::from(wanted.mine))
        .bind(wanted.user_id)
        .bind(i64::from(wanted.mentions))
        .bind(wanted.tile_id.unwrap_or_default())
        .bind(at)
        .bind(id)
        .bind(limit)
        .fetch_all(&self.reader)
        .await
        .explain()
    }

    /// How many threads are meant.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_threads(&self, wanted: &ThreadsWanted<'_>) -> Result<i64> {
        sqlx::query_scalar(wanted!("SELECT count(*) FROM comment_threads t", ""))
            .bind(wanted.dashboard_id)
            .bind(wanted.state)
            .bind(i64::from(wanted.mine))
            .bind(wanted.user_id)
            .bind(i64::from(wanted.mentions))
            .bind(wanted.tile_id.unwrap_or_default())
            .fetch_one(&self.reader)
            .await
            .explain()
    }

    /// What was said in one thread.
    ///
    /// # Errors
    /// The database fails.
    pub async fn said_in(&self, thread_id: &str) -> Result<SaidRows> {
        let comments = sqlx::query_as("SELECT * FROM comments WHERE thread_id = $1 ORDER BY id");
        let mentions = sqlx::query_as(
            "SELECT m.comment_id, m.user_id, '' AS reaction FROM comment_mentions m
             JOIN comments c ON c.id = m.comment_id WHERE c.thread_id = $1 ORDER BY m.comment_id, m.user_id",
        );
        let reactions = sqlx::query_as(
            "SELECT r.comment_id, r.user_id, r.reaction FROM comment_reactions r
             JOIN comments c ON c.id = r.comment_id WHERE c.thread_id = $1 ORDER BY r.created_at, r.user_id",
        );
        Ok(SaidRows {
            comments: comments.bind(thread_id).fetch_all(&self.reader).await.explain()?,
            mentions: mentions.bind(thread_id).fetch_all(&self.reader).await.explain()?,
            reactions: reactions.bind(thread_id).fetch_all(&self.reader).await.explain()?,
        })
    }

    /// What was said in the threads of a dashboard that changed last between two times, both included.
    ///
    /// # Errors
    /// The database fails.
    pub async fn said_between(&self, dashboard_id: &str, from: i64, to: i64) -> Result<SaidRows> {
        let comments = sqlx::query_as(
            "SELECT c.* FROM comments c JOIN comment_threads t ON t.id = c.thread_id
             WHERE t.dashboard_id = $1 AND t.updated_at >= $2 AND t.updated_at <= $3 ORDER BY c.id",
        );
        let mentions = sqlx::query_as(
            "SELECT m.comment_id, m.user_id, '' AS reaction FROM comment_mentions m
             JOIN comments c ON c.id = m.comment_id JOIN comment_threads t ON t.id = c.thread_id
             WHERE t.dashboard_id = $1 AND t.updated_at >= $2 AND t.updated_at <= $3
             ORDER BY m.comment_id, m.user_id",
        );
        let reactions = sqlx::query_as(
            "SELECT r.comment_id, r.user_id, r.reaction FROM comment_reactions r
             JOIN comments c ON c.id = r.comment_id JOIN comment_threads t ON t.id = c.thread_id
             WHERE t.dashboard_id = $1 AND t.updated_at >= $2 AND t.updated_at <= $3
             ORDER BY r.created_at, r.user_id",
        );
        let of = (dashboard_id, from, to);
        Ok(SaidRows {
            comments: comments.bind(of.0).bind(of.1).bind(of.2).fetch_all(&self.reader).await.explain()?,
            mentions: mentions.bind(of.0).bind(of.1).bind(of.2).fetch_all(&self.reader).await.explain()?,
            reactions: reactions.bind(of.0).bind(of.1).bind(of.2).fetch_all(&self.reader).await.explain()?,
        })
    }

    /// Gives a comment other words, and other people named in it.
    ///
    /// # Errors
    /// There is no such comment, or it was deleted.
    pub async fn update_comment(&self, id: &str, body: &str, mentions: &[String], now: i64) -> Result<()> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("UPDATE comments SET body = $1, edited_at = $2 WHERE id = $3 AND deleted_at IS NULL")
            .bind(body)
            .bind(now)
            .bind(id)
            .execute(&mut *tx)
            .await
            .explain()?;
        found(done.rows_affected(), "comment")?;
        sqlx::query("DELETE FROM comment_mentions WHERE comment_id = $1").bind(id).execute(&mut *tx).await.explain()?;
        insert_mentions(&mut tx, id, mentions).await?;
        touch(&mut tx, id, now).await?;
        tx.commit().await.explain()
    }

    /// Deletes a comment: one that others follow leaves its place without its words, the last goes
    /// whole, and with the last that stands its thread. Answers whether the thread is still there.
    ///
    /// # Errors
    /// There is no such comment, or it was deleted before.
    pub async fn delete_comment(&self, thread_id: &str, id: &str, now: i64) -> Result<bool> {
        let mut tx = self.begin().await?;
        touch(&mut tx, id, now).await?;
        let done = sqlx::query(
            "UPDATE comments SET body = '', deleted_at = $1 WHERE id = $2 AND thread_id = $3 AND deleted_at IS NULL",
        )
        .bind(now)
        .bind(id)
        .bind(thread_id)
        .execute(&mut *tx)
        .await
        .explain()?;
        found(done.rows_affected(), "comment")?;
        for sql in [
            "DELETE FROM comment_mentions WHERE comment_id = $1",
            "DELETE FROM comment_reactions WHERE comment_id = $1",
        ] {
            sqlx::query(sql).bind(id).execute(&mut *tx).await.explain()?;
        }
        // Deleted ones that nothing follows have no place to keep.
        for sql in [
            "DELETE FROM comments WHERE thread_id = $1 AND deleted_at IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM comments later WHERE later.thread_id = $1 AND later.id > comments.id
                               AND later.deleted_at IS NULL)",
            "DELETE FROM comment_threads WHERE id = $1
               AND NOT EXISTS (SELECT 1 FROM comments c WHERE c.thread_id = $1)",
        ] {
            sqlx::query(sql).bind(thread_id).execute(&mut *tx).await.explain()?;
        }
        let left: i64 = sqlx::query_scalar("SELECT count(*) FROM comment_threads WHERE id = $1")
            .bind(thread_id)
            .fetch_one(&mut *tx)
            .await
            .explain()?;
        tx.commit().await.explain()?;
        Ok(left > 0)
    }

    /// Resolves a thread, or opens it again.
    ///
    /// # Errors
    /// There is no such thread.
    pub async fn resolve_thread(&self, id: &str, by: Option<&str>, now: i64) -> Result<()> {
        let done =
            sqlx::query("UPDATE comment_threads SET resolved_at = $1, resolved_by = $2, updated_at = $3 WHERE id = $4")
                .bind(by.map(|_| now))
                .bind(by)
                .bind(now)
                .bind(id)
                .execute(&self.writer)
                .await
                .explain()?;
        found(done.rows_affected(), "thread")
    }

    /// Adds a reaction of somebody to a comment; a second time changes nothing.
    ///
    /// # Errors
    /// There is no such comment or user.
    pub async fn react(&self, comment_id: &str, user_id: &str, reaction: &str, now: i64) -> Result<()> {
        sqlx::query(
            "INSERT INTO comment_reactions (comment_id, user_id, reaction, created_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (comment_id, user_id, reaction) DO NOTHING",
        )
        .bind(comment_id)
        .bind(user_id)
        .bind(reaction)
        .bind(now)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }

    /// Takes a reaction of somebody back.
    ///
    /// # Errors
    /// The database fails.
    pub async fn unreact(&self, comment_id: &str, user_id: &str, reaction: &str) -> Result<()> {
        let sql = "DELETE FROM comment_reactions WHERE comment_id = $1 AND user_id = $2 AND reaction = $3";
        self.deleted(sqlx::query(sql).bind(comment_id).bind(user_id).bind(reaction)).await?;
        Ok(())
    }

    /// The last comment that somebody has seen of each thread of a dashboard.
    ///
    /// # Errors
    /// The database fails.
    pub async fn reads_of(&self, dashboard_id: &str, user_id: &str) -> Result<HashMap<String, String>> {
        let rows: Vec<(String, String)> = sqlx::query_as(
            "SELECT r.thread_id, r.read_to FROM comment_reads r JOIN comment_threads t ON t.id = r.thread_id
             WHERE t.dashboard_id = $1 AND r.user_id = $2",
        )
        .bind(dashboard_id)
        .bind(user_id)
        .fetch_all(&self.reader)
        .await
        .explain()?;
        Ok(rows.into_iter().collect())
    }

    /// Marks a thread of a dashboard, or all of them, as seen by somebody up to its last comment.
    ///
    /// # Errors
    /// There is no such user.
    pub async fn read_threads(&self, dashboard_id: &str, thread_id: Option<&str>, user_id: &str) -> Result<()> {
        sqlx::query(
            "INSERT INTO comment_reads (thread_id, user_id, read_to)
             SELECT t.id, $1, max(c.id) FROM comment_threads t JOIN comments c ON c.thread_id = t.id
             WHERE t.dashboard_id = $2 AND ($3 = '' OR t.id = $3) GROUP BY t.id
             ON CONFLICT (thread_id, user_id) DO UPDATE SET read_to = excluded.read_to",
        )
        .bind(user_id)
        .bind(dashboard_id)
        .bind(thread_id.unwrap_or_default())
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }
}

async fn insert_comment(tx: &mut Transaction<'static, Any>, row: &CommentRow, mentions: &[String]) -> Result<()> {
    sqlx::query(
        "INSERT INTO comments (id, thread_id, author_id, body, created_at, edited_at, deleted_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&row.id)
    .bind(&row.thread_id)
    .bind(&row.author_id)
    .bind(&row.body)
    .bind(row.created_at)
    .bind(row.edited_at)
    .bind(row.deleted_at)
    .execute(&mut **tx)
    .await
    .explain()?;
    insert_mentions(tx, &row.id, mentions).await
}

async fn insert_mentions(tx: &mut Transaction<'static, Any>, comment_id: &str, users: &[String]) -> Result<()> {
    for user in users {
        sqlx::query("INSERT INTO comment_mentions (comment_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(comment_id)
            .bind(user)
            .execute(&mut **tx)
            .await
            .explain()?;
    }
    Ok(())
}

/// The thread of a comment changed.
async fn touch(tx: &mut Transaction<'static, Any>, comment_id: &str, now: i64) -> Result<()> {
    sqlx::query("UPDATE comment_threads SET updated_at = $1 WHERE id = (SELECT thread_id FROM comments WHERE id = $2)")
        .bind(now)
        .bind(comment_id)
        .execute(&mut **tx)
        .await
        .explain()?;
    Ok(())
}
