//! Sentences made of parts, and the ids of findings.

use super::prepare::write;
use domain::format::Format;
use domain::insight::{Basis, Direction, FindingKind, Member, Part, PartNumber, Sentence};
use sha2::{Digest, Sha256};

/// A sentence in the making.
#[derive(Default)]
pub(super) struct Say {
    sentence: Sentence,
    finding: Option<String>,
}

impl Say {
    /// A sentence about a finding, whose question or test its numbers stand on.
    pub(super) fn about(finding: &str) -> Self {
        Self { finding: Some(finding.to_owned()), ..Self::default() }
    }

    /// Words.
    pub(super) fn text(mut self, text: impl AsRef<str>) -> Self {
        match self.sentence.parts.last_mut() {
            Some(part) if part.number.is_none() => part.text.push_str(text.as_ref()),
            _ => self.sentence.parts.push(Part { text: text.as_ref().to_owned(), number: None }),
        }
        self
    }

    /// A number as it is written.
    pub(super) fn number(mut self, value: f64, text: impl Into<String>, basis: Basis) -> Self {
        if !value.is_finite() {
            return self.text(text.into());
        }
        let finding = if basis == Basis::Rows { None } else { self.finding.clone() };
        self.sentence.parts.push(Part { text: text.into(), number: Some(PartNumber { value, basis, finding }) });
        self
    }

    /// A number of the question.
    pub(super) fn value(self, value: f64, format: &Format) -> Self {
        let text = write(value, format);
        self.number(value, text, Basis::Query)
    }

    /// A percentage of the question, without a sign.
    pub(super) fn percent(self, value: f64) -> Self {
        self.number(value, percent(value.abs()), Basis::Query)
    }

    /// Where the p-value is: what it is, and how many were tried.
    pub(super) fn test(self, p: f64, tried: u64) -> Self {
        self.text(" (")
            .number(p, p_text(p), Basis::Test)
            .text(" after correction for ")
            .number(tried as f64, count(tried), Basis::Test)
            .text(" tests).")
    }

    pub(super) fn done(self) -> Sentence {
        self.sentence
    }
}

/// "12 %", with a digit after the point below ten.
pub(super) fn percent(value: f64) -> String {
    let format = Format { decimals: Some(u8::from(value.abs() < 9.95)), ..Format::default() };
    format!("{} %", write(value, &format))
}

/// A whole number.
pub(super) fn count(n: u64) -> String {
    write(n as f64, &Format::default())
}

/// "p = 0.003", "p < 0.0001".
pub(super) fn p_text(p: f64) -> String {
    if p < 1e-4 {
        return "p < 0.0001".into();
    }
    let digits = if p < 0.001 { 4 } else { 3 };
    format!("p = {p:.digits$}")
}

/// "1 row", "2 rows".
pub(super) fn plural(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// The id of a finding: of what it says, not of its numbers.
pub(super) fn id_of(
    kind: FindingKind,
    columns: &[String],
    members: &[Member],
    direction: Option<Direction>,
    at: Option<&str>,
) -> String {
    let mut hash = Sha256::new();
    let mut put = |text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    };
    put(kind.as_str());
    for column in columns {
        put(column);
    }
    for member in members {
        put("member");
        put(&member.column);
        put(member.value.as_deref().unwrap_or("\u{0}"));
    }
    put(match direction {
        Some(Direction::Increasing) => "increasing",
        Some(Direction::Decreasing) => "decreasing",
        Some(Direction::Stable) => "stable",
        None => "",
    });
    put(at.unwrap_or(""));
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The weekday, 0 is Monday.
pub(super) fn weekday(day: usize) -> &'static str {
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"][day.min(6)]
}

/// The month, 0 is January.
pub(super) fn month(month: usize) -> &'static str {
    [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ][month.min(11)]
}
