//! Talking about a dashboard: threads of comments on the whole of it, on a tile, or on a place of a
//! chart.

mod mention;
mod place;

pub use mention::{at_cursor, emphasised, names_in};
pub use place::Place;

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// The longest comment, in characters.
pub const MOST_TEXT: usize = 10_000;
/// Comments of one thread, those that were deleted too.
pub const MOST_COMMENTS: usize = 200;
/// Threads of one page of a list.
pub const MOST_THREADS: usize = 200;
/// What a place is called by who commented on it, in characters.
const MOST_ABOUT: usize = 200;

/// What one can say without words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reaction {
    ThumbsUp,
    ThumbsDown,
    Heart,
    Party,
    Eyes,
    Check,
}

impl Reaction {
    /// All there are, in the order they are offered.
    pub const ALL: [Self; 6] = [Self::ThumbsUp, Self::ThumbsDown, Self::Heart, Self::Party, Self::Eyes, Self::Check];

    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ThumbsUp => "thumbs_up",
            Self::ThumbsDown => "thumbs_down",
            Self::Heart => "heart",
            Self::Party => "party",
            Self::Eyes => "eyes",
            Self::Check => "check",
        }
    }

    /// Reads the wire name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == text)
    }

    /// What is seen.
    pub fn emoji(self) -> &'static str {
        match self {
            Self::ThumbsUp => "👍",
            Self::ThumbsDown => "👎",
            Self::Heart => "❤️",
            Self::Party => "🎉",
            Self::Eyes => "👀",
            Self::Check => "✅",
        }
    }

    /// What is read out.
    pub fn label(self) -> &'static str {
        match self {
            Self::ThumbsUp => "Thumbs up",
            Self::ThumbsDown => "Thumbs down",
            Self::Heart => "Heart",
            Self::Party => "Party",
            Self::Eyes => "Eyes",
            Self::Check => "Check mark",
        }
    }
}

/// Somebody who takes part.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Person {
    pub id: String,
    /// The name they sign in with.
    pub name: String,
}

/// Who reacted to a comment in one way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reacted {
    pub reaction: Reaction,
    pub people: Vec<Person>,
}

/// One comment. The first of a thread begins it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Comment {
    /// Later ones sort after earlier ones.
    pub id: String,
    pub author: Person,
    /// Markdown. Empty where it was deleted.
    pub body: String,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub edited_at: Option<String>,
    /// It was deleted; what came after it still stands.
    pub deleted: bool,
    /// Who is named in it and may see the dashboard.
    pub mentions: Vec<Person>,
    pub reactions: Vec<Reacted>,
}

/// That a thread needs no more attention.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Resolved {
    pub by: Person,
    /// RFC 3339, UTC.
    pub at: String,
}

/// A thread with its comments, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Thread {
    pub id: String,
    /// The tile it is about; absent: the dashboard as a whole.
    pub tile: Option<String>,
    /// Where on the tile's axis.
    pub place: Option<Place>,
    /// What its place is called; written by who began it.
    pub about: String,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// When anything of it changed last. RFC 3339, UTC.
    pub updated_at: String,
    pub resolved: Option<Resolved>,
    pub comments: Vec<Comment>,
    /// The last comment that the caller has seen. Absent in what is pushed, which is the same for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_to: Option<String>,
}

impl Thread {
    /// How many comments somebody has not seen: not their own, not deleted ones.
    pub fn unread(&self, person: &str) -> usize {
        let is_new = |c: &&Comment| self.read_to.as_ref().is_none_or(|seen| c.id > *seen);
        self.comments.iter().filter(is_new).filter(|c| !c.deleted && c.author.id != person).count()
    }

    /// How many comments stand.
    pub fn count(&self) -> usize {
        self.comments.iter().filter(|c| !c.deleted).count()
    }

    /// Whether somebody wrote in it.
    pub fn is_by(&self, person: &str) -> bool {
        self.comments.iter().any(|c| !c.deleted && c.author.id == person)
    }

    /// Whether somebody is named in it.
    pub fn names(&self, person: &str) -> bool {
        self.comments.iter().any(|c| !c.deleted && c.mentions.iter().any(|p| p.id == person))
    }
}

/// A thread to be begun.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewThread {
    /// Markdown, 1 to 10,000 characters. `@name` tells that person.
    pub body: String,
    /// The id of a tile; absent: the dashboard as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tile: Option<String>,
    /// Where on the tile's axis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// What the place is called, at most 200 characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
}

impl NewThread {
    /// Refuses what cannot begin a thread.
    ///
    /// # Errors
    /// A sentence that says why.
    pub fn check(&self) -> Result<()> {
        check_body(&self.body)?;
        if self.about.chars().count() > MOST_ABOUT || self.about.chars().any(char::is_control) {
            let error = Error::invalid("What a place is called is one line of at most 200 characters.");
            return Err(error.field("about"));
        }
        match (&self.place, &self.tile) {
            (Some(_), None) => Err(Error::invalid("A place is on a tile.").hint("Say which, by its id.").field("tile")),
            (Some(place), Some(_)) => place.check(),
            (None, _) => Ok(()),
        }
    }
}

/// The text of a reply, or what takes the place of a comment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CommentText {
    /// Markdown, 1 to 10,000 characters. `@name` tells that person.
    pub body: String,
}

/// What of a thread is to change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ThreadPatch {
    /// True resolves it, false opens it again.
    pub resolved: bool,
}

/// Which threads are listed by whether they are resolved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ThreadState {
    Open,
    Resolved,
    #[default]
    All,
}

impl ThreadState {
    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Resolved => "resolved",
            Self::All => "all",
        }
    }
}

/// Which threads of a dashboard are listed, those with the latest change first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[serde(default)]
pub struct ThreadsRequest {
    #[cfg_attr(feature = "openapi", param(inline))]
    pub state: ThreadState,
    /// Only those that the caller wrote in.
    pub mine: bool,
    /// Only those that name the caller.
    pub mentions: bool,
    /// Only those on this tile.
    pub tile: Option<String>,
    /// 1 to 200; default 50.
    pub limit: Option<usize>,
    /// `next` of the former page.
    pub cursor: Option<String>,
}

/// A page of threads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ThreadPage {
    pub items: Vec<Thread>,
    /// All that fit, on every page.
    pub total: u64,
    /// Give it as `cursor` to get what follows; null at the end.
    pub next: Option<String>,
}

/// What followers of a dashboard's comments hear. Neither: something may have been missed, ask again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CommentNews {
    /// A thread as it is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread: Option<Thread>,
    /// The id of a thread that is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gone: Option<String>,
}

/// Refuses what can be no comment.
///
/// # Errors
/// A sentence that says why.
pub fn check_body(body: &str) -> Result<()> {
    if body.trim().is_empty() {
        return Err(Error::invalid("A comment needs some words.").field("body"));
    }
    if body.chars().count() > MOST_TEXT {
        let error = Error::invalid("A comment has at most 10,000 characters.");
        return Err(error.hint("Divide it into several.").field("body"));
    }
    // What no screen shows and databases refuse.
    if body.contains('\0') {
        return Err(Error::invalid("A comment is text, without NUL characters.").field("body"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment(id: &str, author: &str) -> Comment {
        Comment { id: id.into(), author: Person { id: author.into(), name: author.into() }, ..Comment::default() }
    }

    #[test]
    fn unread_is_what_others_wrote_since() {
        let mut thread = Thread {
            comments: vec![comment("1", "ada"), comment("2", "ben"), comment("3", "ada")],
            ..Thread::default()
        };
        assert_eq!((thread.unread("ada"), thread.unread("ben"), thread.unread("eve")), (1, 2, 3));
        thread.read_to = Some("2".into());
        assert_eq!((thread.unread("ada"), thread.unread("ben")), (0, 1));
        thread.comments[2].deleted = true;
        assert_eq!((thread.unread("ben"), thread.count()), (0, 2));
        assert!(thread.is_by("ben") && !thread.is_by("eve") && !thread.names("eve"));
    }

    #[test]
    fn what_can_be_no_thread_is_refused() {
        let new = |body: &str| NewThread { body: body.into(), ..NewThread::default() };
        new("Fine.").check().unwrap();
        new(&"é".repeat(MOST_TEXT)).check().unwrap();
        for bad in ["", " \n", "a\0b", &"x".repeat(MOST_TEXT + 1)] {
            assert_eq!(new(bad).check().unwrap_err().field.as_deref(), Some("body"));
        }
        let place = Place::Values { column: "region".into(), values: vec![Some("West".into())] };
        let lost = NewThread { place: Some(place.clone()), ..new("x") };
        assert_eq!(lost.check().unwrap_err().field.as_deref(), Some("tile"));
        NewThread { tile: Some("t".into()), ..lost.clone() }.check().unwrap();
        assert!(NewThread { about: "a\nb".into(), ..new("x") }.check().is_err());
    }

    #[test]
    fn reactions_are_words() {
        for reaction in Reaction::ALL {
            assert_eq!(Reaction::parse(reaction.as_str()), Some(reaction));
            assert_eq!(serde_json::to_value(reaction).unwrap(), reaction.as_str());
        }
        assert_eq!(Reaction::parse("rocket"), None);
    }
}
