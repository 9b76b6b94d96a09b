//! Where an alert stands, and what happens to it.

use serde::{Deserialize, Serialize};

/// Where an alert stands, the most urgent last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The condition does not hold.
    #[default]
    Normal,
    /// It holds, not long enough yet.
    Pending,
    /// There is nothing to judge.
    NoData,
    /// It held, and has not been away for long enough.
    Recovering,
    /// It has held for long enough: people were told.
    Firing,
    /// The alert itself does not work.
    Error,
}

impl Status {
    pub const ALL: [Self; 6] = [Self::Normal, Self::Pending, Self::NoData, Self::Recovering, Self::Firing, Self::Error];

    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Pending => "pending",
            Self::NoData => "no_data",
            Self::Recovering => "recovering",
            Self::Firing => "firing",
            Self::Error => "error",
        }
    }

    /// What people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Normal => "Normal",
            Self::Pending => "Pending",
            Self::NoData => "No data",
            Self::Recovering => "Recovering",
            Self::Firing => "Firing",
            Self::Error => "Not working",
        }
    }

    /// Reads the wire name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }
}

/// What happened to an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// The condition began to hold.
    Pending,
    /// It ceased before it had held for long enough.
    Calmed,
    /// It has held for long enough.
    Fired,
    /// It goes on, and people are told again, or at last.
    Reminded,
    /// The condition does not hold for now.
    Recovering,
    /// It holds again before it had recovered.
    Resumed,
    Recovered,
    /// The recovery that nobody was to be told of at the time is told.
    RecoveryTold,
    NoData,
    /// There is data again.
    DataBack,
    /// The alert itself does not work.
    Broken,
    /// It works again.
    Mended,
    Acknowledged,
    Snoozed,
    /// The snooze was ended.
    Woken,
    Paused,
    Unpaused,
    Changed,
}

impl EventKind {
    pub const ALL: [Self; 18] = [
        Self::Pending,
        Self::Calmed,
        Self::Fired,
        Self::Reminded,
        Self::Recovering,
        Self::Resumed,
        Self::Recovered,
        Self::RecoveryTold,
        Self::NoData,
        Self::DataBack,
        Self::Broken,
        Self::Mended,
        Self::Acknowledged,
        Self::Snoozed,
        Self::Woken,
        Self::Paused,
        Self::Unpaused,
        Self::Changed,
    ];

    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Calmed => "calmed",
            Self::Fired => "fired",
            Self::Reminded => "reminded",
            Self::Recovering => "recovering",
            Self::Resumed => "resumed",
            Self::Recovered => "recovered",
            Self::RecoveryTold => "recovery_told",
            Self::NoData => "no_data",
            Self::DataBack => "data_back",
            Self::Broken => "broken",
            Self::Mended => "mended",
            Self::Acknowledged => "acknowledged",
            Self::Snoozed => "snoozed",
            Self::Woken => "woken",
            Self::Paused => "paused",
            Self::Unpaused => "unpaused",
            Self::Changed => "changed",
        }
    }

    /// What people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Pending => "Condition began to hold",
            Self::Calmed => "Over before it counted",
            Self::Fired => "Fired",
            Self::Reminded => "Still firing",
            Self::Recovering => "Recovering",
            Self::Resumed => "Holds again",
            Self::Recovered => "Recovered",
            Self::RecoveryTold => "Recovery told",
            Self::NoData => "No data",
            Self::DataBack => "Data is back",
            Self::Broken => "Stopped working",
            Self::Mended => "Works again",
            Self::Acknowledged => "Acknowledged",
            Self::Snoozed => "Snoozed",
            Self::Woken => "Snooze ended",
            Self::Paused => "Paused",
            Self::Unpaused => "Resumed",
            Self::Changed => "Changed",
        }
    }

    /// Reads the wire name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == text)
    }
}
