//! Who looks at a dashboard now, and where on it. Nothing of this is ever stored.

use crate::error::{Error, Result};
use crate::layout::{COLUMNS, MAX_ROW};
use serde::{Deserialize, Serialize};

/// How many messages about where they are a person may send in a second.
pub const MESSAGES_A_SECOND: u32 = 20;
/// Who has not been heard of for so long is gone, whatever became of their server.
pub const SILENCE_SECONDS: u64 = 45;

/// The most tiles a person is shown to have chosen.
const MOST_TILES: usize = 50;
/// The longest id, and name of a field.
const LONGEST: usize = 80;

/// Where on a dashboard a page is, as its browser says. Names are not among it: they come from the
/// server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Whereabouts {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tab: Option<String>,
    /// In edit mode.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub editing: bool,
    /// The tiles that are chosen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tiles: Vec<String>,
    /// The tile that is being changed, in the panel or by its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edits: Option<String>,
    /// The field of the panel that has the focus, by its label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<Point>,
    /// The row of the grid at the top of the window; below nought above the grid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<f64>,
}

/// A place on the grid in columns and rows, so that it is right at any width.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

impl Whereabouts {
    /// Checks what a browser says: bounded, on the grid, words without hidden characters.
    ///
    /// # Errors
    /// The first thing that is not so.
    pub fn validate(&self) -> Result<()> {
        let refuse = |field: &str, message: &str| Err(Error::invalid(message).field(format!("op.{field}")));
        let is_word = |text: &String| !text.is_empty() && text.len() <= LONGEST && !text.chars().any(char::is_control);
        if self.tiles.len() > MOST_TILES {
            return refuse("tiles", &format!("At most {MOST_TILES} tiles can be shown as chosen."));
        }
        if !self.tiles.iter().chain(&self.tab).chain(&self.edits).chain(&self.field).all(is_word) {
            return refuse("tiles", &format!("Ids and names of fields have 1 to {LONGEST} bytes of plain text."));
        }
        let on_grid = |p: Point| (0.0..=f64::from(COLUMNS)).contains(&p.x) && (0.0..=f64::from(MAX_ROW)).contains(&p.y);
        if self.pointer.is_some_and(|p| !on_grid(p)) {
            return refuse("pointer", "A pointer lies on the grid.");
        }
        if self.row.is_some_and(|row| !(-f64::from(MAX_ROW)..=f64::from(MAX_ROW)).contains(&row)) {
            return refuse("row", "A row is a number of the grid.");
        }
        Ok(())
    }

    /// Whether nothing but the pointer differs.
    pub fn differs_by_pointer(&self, other: &Self) -> bool {
        let still = |at: &Self| Self { pointer: None, ..at.clone() };
        still(self) == still(other)
    }
}

/// An open page of a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// The page, for as long as its socket lives.
    pub id: String,
    pub user_id: String,
    pub user_name: String,
    pub at: Whereabouts,
}

/// What the topic of a presence carries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PresenceNews {
    /// All who are here, for who comes; `own` is the page that asked.
    All { pages: Vec<Page>, own: String },
    /// A page came, or is elsewhere now, or is simply still here.
    Here(Page),
    /// The pages with this id are gone.
    Left(String),
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: serde_json::Value) -> std::result::Result<Whereabouts, String> {
        let read: Whereabouts = serde_json::from_value(value).map_err(|e| e.to_string())?;
        read.validate().map_err(|e| e.to_string())?;
        Ok(read)
    }

    #[test]
    fn what_is_on_the_grid_is_taken() {
        assert_eq!(read(json!({})), Ok(Whereabouts::default()));
        let all = json!({"tab": "t", "editing": true, "tiles": ["a"], "edits": "a", "field": "Chart",
            "pointer": {"x": 12.0, "y": 0.5}, "row": -3.5});
        let at = read(all.clone()).unwrap();
        assert_eq!(serde_json::to_value(&at).unwrap(), all);
        assert!(at.differs_by_pointer(&Whereabouts { pointer: None, ..at.clone() }));
        assert!(!at.differs_by_pointer(&Whereabouts::default()));
    }

    #[test]
    fn what_is_too_much_or_not_known_is_refused() {
        for bad in [
            json!({"user_name": "somebody else"}),
            json!({"tiles": vec!["a"; 51]}),
            json!({"tiles": [""]}),
            json!({"field": "x".repeat(81)}),
            json!({"edits": "a\u{7}"}),
            json!({"pointer": {"x": 12.5, "y": 0}}),
            json!({"pointer": {"x": 1, "y": -1}}),
            json!({"row": 1e9}),
            json!({"editing": "yes"}),
        ] {
            assert!(read(bad.clone()).is_err(), "{bad}");
        }
    }
}
