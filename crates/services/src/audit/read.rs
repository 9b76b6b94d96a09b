//! The record as administrators read it: searched, page by page, and taken out as a file.

use super::{Deed, Trail};
use crate::access::{require_role, require_scope};
use crate::{Services, clock};
use bytes::Bytes;
use domain::audit::{AuditPage, AuditRecord, AuditRequest, AuditWords, MOST_COUNTED, OUTCOMES};
use domain::people::Scope;
use domain::{Caller, Error, Result, UserRole};
use futures::stream::BoxStream;
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use store::{AuditFilter, AuditRow};

/// Deeds of a page when nothing is said, and at most.
const PAGE: usize = 100;
const MOST: usize = 1_000;
/// Characters of a text to look for.
const TEXT: usize = 200;

const HEAD: [&str; 13] = [
    "at",
    "user_id",
    "user_name",
    "action",
    "thing_kind",
    "thing_id",
    "outcome",
    "code",
    "surface",
    "credential_id",
    "address",
    "agent",
    "detail",
];

/// How the record is taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditFormat {
    Csv,
    /// One JSON object a line.
    Ndjson,
}

impl AuditFormat {
    /// Reads the name of a format.
    ///
    /// # Errors
    /// There is no such format.
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "" | "csv" => Ok(Self::Csv),
            "ndjson" => Ok(Self::Ndjson),
            _ => Err(Error::invalid("The audit log is taken out as `csv` or `ndjson`.").field("format")),
        }
    }

    /// Its content type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Ndjson => "application/x-ndjson",
        }
    }

    /// What its files are called.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
        }
    }
}

fn require_auditor(caller: &Caller) -> Result<()> {
    require_scope(caller, Scope::Admin)?;
    require_role(caller, UserRole::Admin, "read the audit log")
}

impl Trail {
    fn kept_days(&self) -> i64 {
        self.kept_days.load(Ordering::Relaxed)
    }
}

impl Services {
    /// A page of the record, newest first.
    ///
    /// # Errors
    /// The caller is no administrator, or what is looked for cannot be read.
    pub async fn list_audit(&self, caller: &Caller, request: &AuditRequest) -> Result<AuditPage> {
        require_auditor(caller)?;
        let limit = request.limit.unwrap_or(PAGE);
        if !(1..=MOST).contains(&limit) {
            return Err(Error::invalid("The limit is 1 to 1,000.").field("limit"));
        }
        let filter = self.audit_filter(request).await?;
        let before = cursor(&request.cursor)?;
        // One more than is shown says whether there are more.
        let wanted = i64::try_from(limit + 1).unwrap_or(i64::MAX);
        let mut rows =
            self.store.audit_page(&filter, before.as_ref().map(|(at, id)| (*at, id.as_str())), wanted).await?;
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| has_more).map(|row| format!("{}_{}", row.at, row.id));
        let most = i64::try_from(MOST_COUNTED).unwrap_or(i64::MAX);
        let total = usize::try_from(self.store.count_audit(&filter, most).await?).unwrap_or_default();
        Ok(AuditPage { items: rows.into_iter().map(record).collect(), total, next })
    }

    /// What the record can be searched by.
    ///
    /// # Errors
    /// The caller is no administrator.
    pub async fn audit_words(&self, caller: &Caller) -> Result<AuditWords> {
        require_auditor(caller)?;
        let (actions, kinds) = self.store.audit_words().await?;
        Ok(AuditWords { actions, kinds, kept_days: self.audit.kept_days() })
    }

    /// The record as a file that is written while it is read. That it was taken out is itself recorded.
    ///
    /// # Errors
    /// The caller is no administrator, or what is looked for cannot be read.
    pub async fn export_audit(
        &self,
        caller: &Caller,
        request: &AuditRequest,
        format: AuditFormat,
    ) -> Result<BoxStream<'static, Result<Bytes>>> {
        require_auditor(caller)?;
        let filter = self.audit_filter(request).await?;
        let asked = serde_json::to_value(request).unwrap_or_default();
        let asked = asked.as_object().into_iter().flatten();
        let asked: serde_json::Map<String, Value> = asked
            .filter(|(key, value)| {
                !matches!(key.as_str(), "cursor" | "limit") && value.as_str().is_some_and(|v| !v.is_empty())
            })
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let detail = json!({"format": format.extension(), "filter": asked});
        self.record_deed(Deed {
            user_id: Some(&caller.user_id),
            action: "export",
            kind: "audit",
            id: "",
            outcome: "done",
            code: "",
            detail,
        })
        .await;
        let head = match format {
            AuditFormat::Csv => Some(Ok(Bytes::from(line(&HEAD.map(str::to_owned))))),
            AuditFormat::Ndjson => None,
        };
        let services = self.clone();
        let rows = stream::try_unfold(Some(None::<(i64, String)>), move |state| {
            let (services, filter) = (services.clone(), filter.clone());
            async move {
                let Some(before) = state else { return Ok(None) };
                let most = i64::try_from(MOST).unwrap_or(i64::MAX);
                let before = before.as_ref().map(|(at, id)| (*at, id.as_str()));
                let rows = services.store.audit_page(&filter, before, most).await?;
                let Some(last) = rows.last() else { return Ok(None) };
                let next = (rows.len() == MOST).then(|| Some((last.at, last.id.clone())));
                let bytes: Vec<u8> = rows.into_iter().map(record).flat_map(|r| write(&r, format)).collect();
                Ok(Some((Bytes::from(bytes), next)))
            }
        });
        Ok(stream::iter(head).chain(rows).boxed())
    }

    async fn audit_filter(&self, request: &AuditRequest) -> Result<AuditFilter> {
        if !request.outcome.is_empty() && !OUTCOMES.contains(&request.outcome.as_str()) {
            let error = Error::invalid(format!("A deed never ends as `{}`.", request.outcome)).field("outcome");
            return Err(error.hint(OUTCOMES.join(", ")));
        }
        let texts = [&request.user, &request.action, &request.kind, &request.thing, &request.text, &request.cursor];
        if texts.iter().any(|text| text.contains('\0')) {
            return Err(Error::invalid("A filter has no zero bytes."));
        }
        if request.text.chars().count() > TEXT {
            return Err(Error::invalid("A text to look for has at most 200 characters.").field("text"));
        }
        let user_id = match request.user.trim() {
            "" => String::new(),
            name => self.store.user_by_name(name).await?.map_or_else(|| name.to_owned(), |user| user.id),
        };
        Ok(AuditFilter {
            user_id,
            action: request.action.clone(),
            thing_kind: request.kind.clone(),
            thing_id: request.thing.clone(),
            outcome: request.outcome.clone(),
            since: moment(&request.since, "since", 0)?.unwrap_or(i64::MIN),
            until: moment(&request.until, "until", 1)?.unwrap_or(i64::MAX),
            text: request.text.trim().to_owned(),
        })
    }
}

/// A day, or as many days after its beginning, or a time, in milliseconds.
fn moment(text: &str, field: &str, days: i64) -> Result<Option<i64>> {
    if text.is_empty() {
        return Ok(None);
    }
    if let Ok(day) = text.parse::<jiff::civil::Date>()
        && text.len() == 10
    {
        let start = day.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|z| z.timestamp().as_millisecond());
        let start = start.ok_or_else(|| Error::invalid("This day cannot be reckoned with.").field(field))?;
        return Ok(Some(start + days * super::DAY_MS));
    }
    let bad = |_| Error::invalid("A time is a day such as 2025-03-01, or RFC 3339.").field(field);
    Ok(Some(text.parse::<jiff::Timestamp>().map_err(bad)?.as_millisecond()))
}

fn cursor(text: &str) -> Result<Option<(i64, String)>> {
    if text.is_empty() {
        return Ok(None);
    }
    let read = text.split_once('_').and_then(|(at, id)| Some((at.parse().ok()?, id.to_owned())));
    read.map(Some).ok_or_else(|| Error::invalid("This cursor is not one of ours.").field("cursor"))
}

fn record(row: AuditRow) -> AuditRecord {
    AuditRecord {
        id: row.id,
        at: clock::rfc3339(row.at),
        user_id: row.user_id,
        user_name: row.user_name,
        action: row.action,
        thing_kind: row.thing_kind,
        thing_id: row.thing_id,
        outcome: row.outcome,
        code: row.code,
        surface: row.surface,
        credential_id: row.credential_id,
        address: row.address,
        agent: row.agent,
        detail: crate::from_json(&row.detail_json),
    }
}

fn write(record: &AuditRecord, format: AuditFormat) -> Vec<u8> {
    if format == AuditFormat::Ndjson {
        let mut text = crate::to_json(record);
        text.push('\n');
        return text.into_bytes();
    }
    let r = record.clone();
    let detail = if r.detail.is_empty() { String::new() } else { crate::to_json(&r.detail) };
    line(&[
        r.at,
        r.user_id.unwrap_or_default(),
        r.user_name.unwrap_or_default(),
        r.action,
        r.thing_kind,
        r.thing_id,
        r.outcome,
        r.code,
        r.surface,
        r.credential_id,
        r.address,
        r.agent,
        detail,
    ])
}

/// A line of CSV. A text that a spreadsheet would run as a formula gets an apostrophe.
fn line(cells: &[String; HEAD.len()]) -> Vec<u8> {
    let mut text = String::new();
    for (i, cell) in cells.iter().enumerate() {
        if i > 0 {
            text.push(',');
        }
        let defuse = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let cell = if defuse { format!("'{cell}") } else { cell.clone() };
        if cell.contains(['"', ',', '\n', '\r']) {
            text.push('"');
            text.push_str(&cell.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(&cell);
        }
    }
    text.push_str("\r\n");
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_are_read() {
        assert_eq!(moment("", "since", 0).unwrap(), None);
        assert_eq!(moment("1970-01-02", "since", 0).unwrap(), Some(super::super::DAY_MS));
        assert_eq!(moment("1970-01-02", "until", 1).unwrap(), Some(2 * super::super::DAY_MS));
        assert_eq!(moment("1970-01-01T00:00:01Z", "until", 1).unwrap(), Some(1_000));
        assert!(moment("yesterday", "since", 0).is_err());
        assert_eq!(cursor("12_ab").unwrap(), Some((12, "ab".into())));
        assert!(cursor("ab").is_err());
    }

    #[test]
    fn no_cell_is_a_formula() {
        let mut cells = HEAD.map(str::to_owned);
        cells[5] = "=HYPERLINK(\"http://evil.test\",\"x\")".into();
        cells[11] = "@SUM(A1)".into();
        let text = String::from_utf8(line(&cells)).unwrap();
        assert!(text.contains(",\"'=HYPERLINK(\"\"http://evil.test\"\",\"\"x\"\")\","), "{text}");
        assert!(text.contains(",'@SUM(A1),") && text.ends_with("\r\n"), "{text}");
    }
}
