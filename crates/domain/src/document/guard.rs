//! Looks at a foreign update before yrs does, and lets through only what our documents are made of
//! and what the document can take in at once.
//!
//! yrs trusts an update in places where a crafted one does harm: clocks that overflow; values and
//! maps nested so deep that the stack ends, which nothing can catch; lengths that reserve gigabytes;
//! blocks after a gap, which yrs 0.28 keeps for later and which can be made to lie over each other;
//! blocks between neighbours from two lists, which leave pointers behind when one list goes. The
//! last two crash the process. So the bytes are read here first ([`reader`]), and every block must
//! build on what is there and lie within one list ([`Index`]).

mod reader;

pub(super) use reader::{is_sound_vector, outline};
use std::collections::BTreeMap;

/// A client and one of its clocks.
type Point = (u64, u32);

/// What an update holds.
#[derive(Default)]
pub(super) struct Outline<'a> {
    sections: Vec<Section<'a>>,
    /// Of each client the end of what is deleted.
    deleted: Vec<Point>,
}

/// The blocks of one client, one after another.
struct Section<'a> {
    client: u64,
    start: u32,
    blocks: Vec<Block<'a>>,
}

struct Block<'a> {
    start: u32,
    end: u32,
    link: Link<'a>,
    kind: Kind,
}

/// Where a block says that it lies.
#[derive(Clone, Copy)]
enum Link<'a> {
    Nowhere,
    Under(Parent<'a>, Option<&'a str>),
    Between(Option<Point>, Option<Point>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Value,
    /// A map or a text, or what was one.
    Parent,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Parent<'a> {
    Root(&'a str),
    Block(Point),
}

/// The list that a block is in: the values of a key, or a text. `None`: it was collected, and with
/// it the list.
type Place<'a> = Option<(Parent<'a>, Option<&'a str>)>;

struct Span<'a> {
    end: u32,
    place: Place<'a>,
    kind: Kind,
}

/// Where each block of a document lies.
#[derive(Default)]
pub(super) struct Index<'a> {
    clients: BTreeMap<u64, Vec<Span<'a>>>,
}

impl<'a> Index<'a> {
    /// Adds an update. `None`: it does not fit, since something that it builds on is not there.
    /// `Some(false)`: it is crafted.
    pub(super) fn add(&mut self, update: &Outline<'a>) -> Option<bool> {
        let mut waiting: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        let mut next = vec![0; update.sections.len()];
        let mut queue: Vec<usize> = (0..update.sections.len()).collect();
        while let Some(at) = queue.pop() {
            let Section { client, start, blocks } = &update.sections[at];
            if *start > self.clock(*client) {
                return None;
            }
            let first = next[at];
            for block in &blocks[first..] {
                if let Some(missing) = block.link.needs().into_iter().flatten().find(|need| !self.has(*need)) {
                    waiting.entry(missing.0).or_default().push(at);
                    break;
                }
                if !self.put(*client, block) {
                    return Some(false);
                }
                next[at] += 1;
            }
            if next[at] > first {
                queue.extend(waiting.remove(client).into_iter().flatten());
            }
        }
        let all = update.sections.iter().zip(&next).all(|(section, next)| *next == section.blocks.len());
        (all && update.deleted.iter().all(|(client, end)| *end <= self.clock(*client))).then_some(true)
    }

    /// Adds a block, or what of it is new. `false`: it would tie two lists together.
    fn put(&mut self, client: u64, block: &Block<'a>) -> bool {
        let clock = self.clock(client);
        if block.end <= clock {
            return true;
        }
        let Some(place) = self.place(block.link) else { return false };
        // yrs cuts off the known part and ties the rest to it.
        if block.start < clock {
            let known = self.span((client, clock - 1)).and_then(|span| span.place);
            if known.is_some() && place.is_some() && known != place {
                return false;
            }
        }
        self.clients.entry(client).or_default().push(Span { end: block.end, place, kind: block.kind });
        true
    }

    /// The place that a link leads to, if to one.
    fn place(&self, link: Link<'a>) -> Option<Place<'a>> {
        match link {
            Link::Nowhere => Some(None),
            Link::Under(Parent::Block(parent), key) => {
                let parent_span = self.span(parent).filter(|span| span.kind == Kind::Parent)?;
                Some(parent_span.place.map(|_| (Parent::Block(parent), key)))
            }
            Link::Under(root, key) => Some(Some((root, key))),
            Link::Between(left, right) => {
                let place = |point: Option<Point>| point.and_then(|point| self.span(point)).and_then(|span| span.place);
                match (place(left), place(right)) {
                    (Some(left), Some(right)) if left != right => None,
                    (left, right) => Some(left.or(right)),
                }
            }
        }
    }

    fn clock(&self, client: u64) -> u32 {
        self.clients.get(&client).and_then(|spans| spans.last()).map_or(0, |span| span.end)
    }

    fn has(&self, (client, clock): Point) -> bool {
        clock < self.clock(client)
    }

    fn span(&self, (client, clock): Point) -> Option<&Span<'a>> {
        let spans = self.clients.get(&client)?;
        spans.get(spans.partition_point(|span| span.end <= clock))
    }
}

impl Link<'_> {
    fn needs(self) -> [Option<Point>; 2] {
        match self {
            Link::Between(left, right) => [left, right],
            Link::Under(Parent::Block(parent), _) => [Some(parent), None],
            Link::Nowhere | Link::Under(Parent::Root(_), _) => [None, None],
        }
    }
}
