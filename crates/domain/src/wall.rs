//! Walls: dashboards on a screen that nobody sits at, and the links that such a screen opens them by.

use serde::{Deserialize, Serialize};

/// How a wall shows its dashboards, as it stands in the address: `every=30&dim=22-6`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WallOptions {
    /// Seconds until the next dashboard or tab; 0 stays where it is.
    pub every: u32,
    /// From which hour until which the wall is dark.
    pub dim: Option<(u8, u8)>,
}

impl Default for WallOptions {
    fn default() -> Self {
        Self { every: 20, dim: None }
    }
}

/// A shorter stay could not be read.
const LEAST_SECONDS: u32 = 3;
const MOST_SECONDS: u32 = 86_400;

impl WallOptions {
    /// Reads the values of the keys `every` and `dim`; what cannot be read is as if it were not there.
    pub fn read(every: Option<&str>, dim: Option<&str>) -> Self {
        let every = every.and_then(|text| text.trim().parse::<u32>().ok());
        let every =
            every.map_or(Self::default().every, |s| if s == 0 { 0 } else { s.clamp(LEAST_SECONDS, MOST_SECONDS) });
        let hour = |text: &str| text.trim().parse::<u8>().ok().filter(|hour| *hour < 24);
        let dim = dim.and_then(|text| text.split_once('-'));
        let dim = dim.and_then(|(from, to)| hour(from).zip(hour(to))).filter(|(from, to)| from != to);
        Self { every, dim }
    }

    /// The same as a query string.
    pub fn query(&self) -> String {
        let dim = self.dim.map(|(from, to)| format!("&dim={from}-{to}")).unwrap_or_default();
        format!("every={}{dim}", self.every)
    }

    /// Whether the wall is dark at this hour.
    pub fn is_dark(&self, hour: u8) -> bool {
        match self.dim {
            Some((from, to)) if from < to => (from..to).contains(&hour),
            Some((from, to)) => hour >= from || hour < to,
            None => false,
        }
    }
}

/// A link that shows dashboards on a screen where nobody signs in, without its secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WallLink {
    pub id: String,
    /// Where the screen is.
    pub label: String,
    /// Ids of the dashboards it shows, in their order.
    pub dashboards: Vec<String>,
    /// How it shows them, as a query string.
    pub options: String,
    /// Who made it; the screen sees what they may see.
    pub owner_name: String,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub last_seen_at: Option<String>,
}

/// A link to be made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WallLinkRequest {
    /// Where the screen is: 1 to 100 characters.
    pub label: String,
    /// Slugs or ids of 1 to 20 dashboards of the caller.
    pub dashboards: Vec<String>,
    /// Seconds until the next dashboard or tab, 3 to 86,400; 0 stays where it is. Default: 20.
    #[serde(default)]
    pub every: Option<u32>,
    /// From which hour until which the screen is dark, such as `22-6`.
    #[serde(default)]
    pub dim: Option<String>,
}

/// A link that was just made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewWallLink {
    pub link: WallLink,
    /// Path to open on the screen. It is shown once and kept nowhere.
    pub path: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_not_there() {
        assert_eq!(WallOptions::read(None, None), WallOptions::default());
        assert_eq!(WallOptions::read(Some("soon"), Some("late")), WallOptions::default());
        assert_eq!(WallOptions::read(Some("1"), Some("7-7")).every, 3);
        assert_eq!(WallOptions::read(Some("0"), Some("7-24")), WallOptions { every: 0, dim: None });
        let options = WallOptions::read(Some("45"), Some("22-6"));
        assert_eq!(options.query(), "every=45&dim=22-6");
    }

    #[test]
    fn a_night_goes_over_midnight() {
        let dark = |dim: &str, hour| WallOptions::read(None, Some(dim)).is_dark(hour);
        assert!(dark("22-6", 23) && dark("22-6", 5) && !dark("22-6", 6) && !dark("22-6", 21));
        assert!(dark("1-6", 1) && !dark("1-6", 0) && !dark("1-6", 6));
        assert!(!WallOptions::default().is_dark(3));
    }
}
