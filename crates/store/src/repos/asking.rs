//! What people taught Orrery about their words, and what was asked of a language model.

use crate::Store;
use crate::error::Explain;
use crate::repos::users::found;
use crate::word::Flag;
use domain::Result;

/// A word and what it means in a dataset.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AskWordRow {
    pub id: String,
    pub word: String,
    pub dataset_id: String,
    /// `column`, `value` or `metric`.
    pub kind: String,
    /// The name of a column, or the id of a metric.
    pub target: String,
    pub value: String,
    /// False: a proposal.
    #[sqlx(try_from = "Flag")]
    pub is_accepted: bool,
    pub made_by: String,
    pub made_at: i64,
}

/// A conversation with a language model.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AskPromptRow {
    pub id: String,
    pub at: i64,
    pub user_id: String,
    pub question: String,
    pub model: String,
    pub prompt: String,
    pub answer: String,
    pub outcome: String,
    pub elapsed_ms: i64,
}

impl Store {
    /// Keeps what a word means in a dataset, in the place of what it meant there before. A proposal
    /// takes the place of none that holds; answers whether it was kept.
    ///
    /// # Errors
    /// There is no such dataset.
    pub async fn put_ask_word(&self, row: &AskWordRow) -> Result<bool> {
        let done = sqlx::query(
            "INSERT INTO ask_words (id, word, dataset_id, kind, target, value, is_accepted, made_by, made_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (word, dataset_id) DO UPDATE SET id = excluded.id, kind = excluded.kind,
               target = excluded.target, value = excluded.value, is_accepted = excluded.is_accepted,
               made_by = excluded.made_by, made_at = excluded.made_at
             WHERE ask_words.is_accepted <= excluded.is_accepted",
        )
        .bind(&row.id)
        .bind(&row.word)
        .bind(&row.dataset_id)
        .bind(&row.kind)
        .bind(&row.target)
        .bind(&row.value)
        .bind(i64::from(row.is_accepted))
        .bind(&row.made_by)
        .bind(row.made_at)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(done.rows_affected() > 0)
    }

    /// All words, proposals too, by word.
    ///
    /// # Errors
    /// The database fails.
    pub async fn ask_words(&self) -> Result<Vec<AskWordRow>> {
        sqlx::query_as("SELECT * FROM ask_words ORDER BY word, id").fetch_all(&self.reader).await.explain()
    }

    /// The one of that id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn ask_word(&self, id: &str) -> Result<Option<AskWordRow>> {
        sqlx::query_as("SELECT * FROM ask_words WHERE id = $1").bind(id).fetch_optional(&self.reader).await.explain()
    }

    /// How many words a dataset has.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_ask_words(&self, dataset_id: &str) -> Result<i64> {
        sqlx::query_scalar("SELECT COUNT(*) FROM ask_words WHERE dataset_id = $1")
            .bind(dataset_id)
            .fetch_one(&self.reader)
            .await
            .explain()
    }

    /// Makes a proposal hold.
    ///
    /// # Errors
    /// There is no such word.
    pub async fn accept_ask_word(&self, id: &str) -> Result<()> {
        let done = sqlx::query("UPDATE ask_words SET is_accepted = 1 WHERE id = $1")
            .bind(id)
            .execute(&self.writer)
            .await
            .explain()?;
        found(done.rows_affected(), "word")
    }

    /// Forgets a word.
    ///
    /// # Errors
    /// There is no such word.
    pub async fn delete_ask_word(&self, id: &str) -> Result<()> {
        let gone = self.deleted(sqlx::query("DELETE FROM ask_words WHERE id = $1").bind(id)).await?;
        found(gone, "word")
    }

    /// Writes down what was asked of a language model, and forgets all but the newest `kept`.
    ///
    /// # Errors
    /// The database fails.
    pub async fn add_ask_prompt(&self, row: &AskPromptRow, kept: i64) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO ask_prompts (id, at, user_id, question, model, prompt, answer, outcome, elapsed_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(&row.id)
        .bind(row.at)
        .bind(&row.user_id)
        .bind(&row.question)
        .bind(&row.model)
        .bind(&row.prompt)
        .bind(&row.answer)
        .bind(&row.outcome)
        .bind(row.elapsed_ms)
        .execute(&mut *tx)
        .await
        .explain()?;
        sqlx::query("DELETE FROM ask_prompts WHERE id NOT IN (SELECT id FROM ask_prompts ORDER BY id DESC LIMIT $1)")
            .bind(kept)
            .execute(&mut *tx)
            .await
            .explain()?;
        tx.commit().await.explain()
    }

    /// What was asked of a language model, newest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn ask_prompts(&self, limit: i64) -> Result<Vec<AskPromptRow>> {
        sqlx::query_as("SELECT * FROM ask_prompts ORDER BY id DESC LIMIT $1")
            .bind(limit)
            .fetch_all(&self.reader)
            .await
            .explain()
    }
}
