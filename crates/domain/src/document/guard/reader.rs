//! Reads updates and state vectors in the encoding lib0 v1, as yrs and Yjs write them, and refuses
//! what they never write for a dashboard: <https://github.com/yjs/yjs/blob/main/INTERNALS.md>.

use super::{Block, Kind, Link, Outline, Parent, Point, Section};
use crate::document::{MAX_TILES, ROOTS};
use std::collections::BTreeSet;

/// The deepest a value may nest: what `serde_json` reads.
const MAX_DEPTH: usize = 128;
/// The most maps and texts in one update: a tile has three. yrs goes down them by recursion.
const MAX_PARENTS: usize = 5 * MAX_TILES;
/// yrs computes with clocks as `i32` here and there.
const MAX_CLOCK: u32 = i32::MAX as u32;
/// Client ids have 53 bits.
const MAX_CLIENT: u64 = (1 << 53) - 1;

const GC: u8 = 0;
const DELETED: u8 = 1;
const STRING: u8 = 4;
const TYPE: u8 = 7;
const ANY: u8 = 8;
const HAS_LEFT: u8 = 0b1000_0000;
const HAS_RIGHT: u8 = 0b0100_0000;
const HAS_KEY: u8 = 0b0010_0000;
const MAP: u8 = 1;
const TEXT: u8 = 2;

/// The outline of an update, if the bytes are one whole update that holds only what the document of
/// a dashboard may hold.
pub(in crate::document) fn outline(update: &[u8]) -> Option<Outline<'_>> {
    let mut reader = Reader { bytes: update, parents: 0 };
    reader.update().filter(|_| reader.bytes.is_empty())
}

/// Whether the bytes are one whole state vector.
pub(in crate::document) fn is_sound_vector(vector: &[u8]) -> bool {
    let mut reader = Reader { bytes: vector, parents: 0 };
    reader.vector().is_some() && reader.bytes.is_empty()
}

/// The bytes that are left, and how many maps and texts were read. `None` from a method: not sound.
struct Reader<'a> {
    bytes: &'a [u8],
    parents: usize,
}

impl<'a> Reader<'a> {
    fn update(&mut self) -> Option<Outline<'a>> {
        let mut outline = Outline::default();
        let mut seen = BTreeSet::new();
        for _ in 0..self.count()? {
            let count = self.count()?;
            let client = self.new_client(&mut seen)?;
            let start = self.clock()?;
            let mut blocks: Vec<Block<'a>> = Vec::new();
            for _ in 0..count {
                let start = blocks.last().map_or(start, |block| block.end);
                let (link, kind, length) = self.block()?;
                blocks.push(Block { start, end: advance(start, length)?, link, kind });
            }
            outline.sections.push(Section { client, start, blocks });
        }
        let mut seen = BTreeSet::new();
        for _ in 0..self.count()? {
            let client = self.new_client(&mut seen)?;
            let mut end = 0;
            for _ in 0..self.count().filter(|ranges| *ranges > 0)? {
                let start = self.clock().filter(|start| *start >= end)?;
                end = advance(start, self.length()?)?;
            }
            outline.deleted.push((client, end));
        }
        Some(outline)
    }

    fn vector(&mut self) -> Option<()> {
        let mut seen = BTreeSet::new();
        for _ in 0..self.count()? {
            self.new_client(&mut seen)?;
            self.clock()?;
        }
        Some(())
    }

    /// Where a block lies, what it is, and by how much it moves the clock.
    fn block(&mut self) -> Option<(Link<'a>, Kind, u32)> {
        let info = self.byte()?;
        if info == GC {
            return Some((Link::Nowhere, Kind::Parent, self.length()?));
        }
        let link = if info & (HAS_LEFT | HAS_RIGHT) == 0 {
            self.parent(info & HAS_KEY != 0)?
        } else {
            let left = if info & HAS_LEFT != 0 { Some(self.id()?) } else { None };
            let right = if info & HAS_RIGHT != 0 { Some(self.id()?) } else { None };
            Link::Between(left, right)
        };
        let (kind, length) = match info & 0b1111 {
            DELETED => (Kind::Parent, self.length()?),
            STRING => (Kind::Value, u32::try_from(self.string()?.encode_utf16().count()).ok()?),
            TYPE => {
                self.parents += 1;
                let is_ours = matches!(self.byte()?, MAP | TEXT) && self.parents <= MAX_PARENTS;
                is_ours.then_some((Kind::Parent, 1))?
            }
            ANY => {
                let values = self.count()?;
                for _ in 0..values {
                    self.value(MAX_DEPTH)?;
                }
                (Kind::Value, values)
            }
            _ => return None,
        };
        Some((link, kind, length))
    }

    fn parent(&mut self, has_key: bool) -> Option<Link<'a>> {
        let parent = match self.number(1)? {
            0 => Parent::Block(self.id()?),
            // The roots are maps: what lies in them has a key.
            _ => Parent::Root(self.string().filter(|root| has_key && ROOTS.contains(root))?),
        };
        let key = if has_key { Some(self.string()?) } else { None };
        Some(Link::Under(parent, key))
    }

    /// Reads a JSON-like value.
    fn value(&mut self, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match self.byte()? {
            120 | 121 | 126 | 127 => {}
            122 | 123 => drop(self.take(8)?),
            124 => drop(self.take(4)?),
            125 => drop(self.varint(5)?),
            119 => drop(self.string()?),
            118 => {
                for _ in 0..self.count()? {
                    self.string()?;
                    self.value(depth)?;
                }
            }
            117 => {
                for _ in 0..self.count()? {
                    self.value(depth)?;
                }
            }
            _ => return None,
        }
        Some(())
    }

    fn id(&mut self) -> Option<Point> {
        Some((self.number(MAX_CLIENT)?, self.clock()?))
    }

    fn new_client(&mut self, seen: &mut BTreeSet<u64>) -> Option<u64> {
        self.number(MAX_CLIENT).filter(|client| seen.insert(*client))
    }

    fn clock(&mut self) -> Option<u32> {
        u32::try_from(self.number(MAX_CLOCK.into())?).ok()
    }

    fn length(&mut self) -> Option<u32> {
        self.clock().filter(|length| *length > 0)
    }

    /// A number of things that follow, each of at least a byte.
    fn count(&mut self) -> Option<u32> {
        self.clock().filter(|count| *count as usize <= self.bytes.len())
    }

    fn string(&mut self) -> Option<&'a str> {
        let length = self.count()?;
        std::str::from_utf8(self.take(length as usize)?).ok()
    }

    /// An unsigned variable-length integer.
    fn number(&mut self, most: u64) -> Option<u64> {
        let bytes = self.varint(8)?;
        let number = bytes.iter().rev().fold(0, |number, byte| (number << 7) | u64::from(byte & 0x7f));
        (number <= most).then_some(number)
    }

    /// The bytes of a variable-length integer, at most `longest`.
    fn varint(&mut self, longest: usize) -> Option<&'a [u8]> {
        let last = self.bytes.iter().take(longest).position(|byte| *byte < 0x80)?;
        self.take(last + 1)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        Some(taken)
    }
}

fn advance(clock: u32, by: u32) -> Option<u32> {
    clock.checked_add(by).filter(|clock| *clock <= MAX_CLOCK)
}
