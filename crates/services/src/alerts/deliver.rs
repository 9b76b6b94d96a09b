//! Handing over what alerts have to tell. A letter stays in the outbox until whoever delivers it has it
//! for sure; handed over twice, after a crash, it is the same event and told once.

use super::round::Letter;
use crate::Services;
use crate::policies::Reader;
use domain::alert::AlertDef;
use domain::chart::{ChartSpec, Encodings};
use domain::notify::{Notice, Recipient};
use domain::{Cell, ChartKind, DataType, Field, Result, Role, Table};
use std::collections::BTreeMap;

/// Letters that are handed over in one go.
const AT_ONCE: i64 = 200;
/// The past that is drawn: a week.
const DRAWN_MS: i64 = 7 * 24 * 3_600_000;
/// Values that are drawn.
const DRAWN: i64 = 1_000;

/// Names that a message can have between braces.
const NAMES: [&str; 10] =
    ["alert", "description", "status", "subject", "condition", "value", "instances", "count", "time", "error"];

/// Refuses a message that could not be filled in.
pub(super) fn check_message(def: &AlertDef) -> Result<()> {
    let Some(template) = &def.message else { return Ok(()) };
    let fields: BTreeMap<&str, String> = NAMES.iter().map(|name| (*name, String::new())).collect();
    live::template::render(template, &fields).map(|_| ()).map_err(|error| error.field("message"))
}

/// The notice of a letter.
pub(super) fn notice(letter: &Letter, alert_id: &str) -> Notice {
    let fields: BTreeMap<&str, String> = letter.fields.iter().map(|(k, v)| (k.as_str(), v.clone())).collect();
    // A template that no longer works must not keep the news back.
    let own = letter.template.as_ref().and_then(|template| live::template::render(template, &fields).ok());
    Notice {
        kind: letter.kind.clone(),
        subject: letter.subject.clone(),
        body: own.unwrap_or_else(|| letter.body.clone()),
        fields: letter.fields.iter().filter(|(_, value)| !value.is_empty()).cloned().collect(),
        link: format!("/alerts/{alert_id}"),
        chart: None,
    }
}

/// A letter that says what the alert did, and nothing of the rows.
fn without_values(letter: &Letter) -> Letter {
    const KEPT: [&str; 6] = ["alert", "description", "status", "subject", "condition", "time"];
    let of = |name: &str| letter.fields.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str());
    let subject: String = format!("{}: {}", of("status"), of("alert")).chars().take(200).collect();
    let body = "Rules decide which rows you see of the data of this alert, so its values are not told here.\n";
    let fields = letter.fields.iter().filter(|(name, _)| KEPT.contains(&name.as_str())).cloned().collect();
    Letter { subject, body: body.into(), fields, template: None, ..letter.clone() }
}

impl Services {
    /// Hands over all that alerts have to tell.
    pub(crate) async fn deliver_letters(&self) -> Result<()> {
        for row in self.store.alert_letters(AT_ONCE).await? {
            let letter: Letter = crate::from_json(&row.letter_json);
            match self.hand_over(&row.event_key, &row.alert_id, &letter).await {
                Ok(()) => {}
                // It will not be better the next time.
                Err(error) if error.code.status() < 500 => {
                    tracing::error!(%error, alert = row.alert_id, "what this alert has to tell cannot be sent");
                }
                Err(error) => return Err(error),
            }
            self.store.delete_alert_letter(&row.event_key).await?;
        }
        Ok(())
    }

    /// Hands over one letter. Whoever may not see the rows that it is of learns that something happened,
    /// not which values.
    async fn hand_over(&self, event_key: &str, alert_id: &str, letter: &Letter) -> Result<()> {
        let (mut whole, mut brief) = (Vec::new(), Vec::new());
        for recipient in &letter.recipients {
            let hides = match (self.store.alert(alert_id).await?, recipient) {
                (Some(row), Recipient::User { id }) => {
                    self.is_alert_narrowed(&Reader::user(id), &row, &super::def_of(&row)?).await?
                }
                // Of addresses and channels nobody knows who reads them.
                (Some(row), _) => self.has_alert_rules(&row, &super::def_of(&row)?).await?,
                (None, _) => true,
            };
            let list = if hides { &mut brief } else { &mut whole };
            list.push(recipient.clone());
        }
        if !whole.is_empty() || brief.is_empty() {
            let mut notice = notice(letter, alert_id);
            notice.chart = self.picture_of(alert_id).await;
            self.notify(event_key, &letter.owner_id, &whole, &notice).await?;
        }
        if !brief.is_empty() {
            let notice = notice(&without_values(letter), alert_id);
            self.notify(&format!("{event_key}-brief"), &letter.owner_id, &brief, &notice).await?;
        }
        Ok(())
    }

    /// The last week of the metric that an alert watches.
    pub(super) async fn picture_of(&self, alert_id: &str) -> Option<(ChartSpec, Table)> {
        let row = self.store.alert(alert_id).await.ok()??;
        let def = super::def_of(&row).ok()?;
        let metric = def.subject.metric()?;
        // Each value of a column is asked with the eyes of the alert's owner, the past of the metric with
        // those of its own.
        if def.for_each.is_some() {
            return None;
        }
        let since = crate::clock::now_ms() - DRAWN_MS;
        let mut points = self.past_of_metric(metric, since, DRAWN).await.ok()?;
        points.retain(|(_, value)| value.is_some());
        if points.len() < 2 {
            return None;
        }
        let field = |name: &str, label: &str, ty, role, format| Field {
            name: name.to_owned(),
            label: label.to_owned(),
            ty,
            role,
            format,
            grain: None,
        };
        let columns = vec![
            field("time", "Time", DataType::Timestamp, Role::Time, None),
            field("value", &def.label, DataType::Float, Role::Measure, Some(def.format.clone())),
        ];
        let times = points.iter().map(|(at, _)| Cell::Text(crate::clock::rfc3339(*at))).collect();
        let values = points.iter().map(|(_, value)| value.map_or(Cell::Null, Cell::Float)).collect();
        let spec = ChartSpec::new(ChartKind::Line, Encodings::default(), serde_json::Map::new());
        Some((spec, Table { columns, data: vec![times, values], truncated: false }))
    }

    /// Sends a letter that is a trial.
    pub(super) async fn send_trial(&self, alert_id: &str, letter: &Letter) -> Result<()> {
        self.hand_over(&format!("trial-{}", crate::new_id()), alert_id, letter).await
    }
}
