//! Insights: what a table says by itself, what an answered chart says, and what changed.

use crate::Frame;
use domain::insight::{Explanation, Insights, Span, WhatChanged};
use domain::query::Query;
use domain::{Result, Table};

/// Where the rows are from, for the questions of the findings.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// Name or id of the dataset.
    pub dataset: String,
    /// What people call it.
    pub label: String,
    /// Findings at most; 0 for the usual number.
    pub most: usize,
}

/// Everything that a table says by itself, ranked. Never fails: a table that says nothing has no
/// findings.
pub fn discover(frame: &Frame, subject: &Subject) -> Insights {
    let _ = (frame, subject);
    Insights::default()
}

/// What an answered chart says: its question and the table it was answered with.
pub fn explain(query: &Query, table: &Table) -> Explanation {
    let _ = (query, table);
    Explanation { narrative: Vec::new(), findings: Vec::new(), grain: None, looked: Default::default() }
}

/// What changed from one stretch of time to another, and which members carried it.
///
/// # Errors
/// Where `time` is no time column, or a stretch is none.
pub fn what_changed(
    frame: &Frame,
    subject: &Subject,
    time: &str,
    before: &Span,
    after: &Span,
) -> Result<WhatChanged> {
    let _ = (frame, subject, time);
    Ok(WhatChanged {
        before: before.clone(),
        after: after.clone(),
        changes: Vec::new(),
        narrative: Vec::new(),
        looked: Default::default(),
    })
}
