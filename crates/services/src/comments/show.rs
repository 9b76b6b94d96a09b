//! From rows to what people read.

use crate::clock;
use domain::comment::{Comment, Person, Reacted, Reaction, Resolved, Thread};
use std::collections::HashMap;
use store::{BesideRow, CommentRow, SaidRows, ThreadRow};

type Names = HashMap<String, String>;

fn person(id: &str, names: &Names) -> Person {
    Person { id: id.to_owned(), name: names.get(id).cloned().unwrap_or_default() }
}

/// A thread with those of the comments that are its own.
pub(super) fn thread(row: ThreadRow, said: &SaidRows, names: &Names) -> Thread {
    let own = said.comments.iter().filter(|c| c.thread_id == row.id);
    let resolved = row.resolved_by.as_deref().zip(row.resolved_at);
    Thread {
        comments: own.map(|c| comment(c, said, names)).collect(),
        resolved: resolved.map(|(by, at)| Resolved { by: person(by, names), at: clock::rfc3339(at) }),
        place: row.place_json.as_deref().and_then(|text| serde_json::from_str(text).ok()),
        id: row.id,
        tile: row.tile_id,
        about: row.about,
        created_at: clock::rfc3339(row.created_at),
        updated_at: clock::rfc3339(row.updated_at),
        read_to: None,
    }
}

fn comment(row: &CommentRow, said: &SaidRows, names: &Names) -> Comment {
    let beside = |rows: &[BesideRow]| rows.iter().filter(|b| b.comment_id == row.id).cloned().collect::<Vec<_>>();
    let reactions = beside(&said.reactions);
    let reacted = |reaction: Reaction| {
        let people = reactions.iter().filter(|r| r.reaction == reaction.as_str());
        let people: Vec<Person> = people.map(|r| person(&r.user_id, names)).collect();
        (!people.is_empty()).then_some(Reacted { reaction, people })
    };
    Comment {
        id: row.id.clone(),
        author: person(&row.author_id, names),
        body: row.body.clone(),
        created_at: clock::rfc3339(row.created_at),
        edited_at: row.edited_at.map(clock::rfc3339),
        deleted: row.deleted_at.is_some(),
        mentions: beside(&said.mentions).iter().map(|m| person(&m.user_id, names)).collect(),
        reactions: Reaction::ALL.into_iter().filter_map(reacted).collect(),
    }
}
