//! The corpus of a fuzz target once more, and inputs made of it with a seed: what CI runs instead of
//! a fuzzer, in a second or two.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;

/// Inputs are no longer than this, so that each takes little time.
const LONGEST: usize = 8_192;

/// Gives a target its corpus, the crashes that were found before, and `mutations` inputs more.
pub(crate) fn replay(target: &str, seed: u64, mutations: usize, one: impl Fn(&[u8])) {
    let corpus = inputs("corpus", target);
    assert!(!corpus.is_empty(), "fuzz/corpus/{target} is empty");
    let run = |input: &[u8]| {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| one(input))) {
            eprintln!("{target} fails with: {}", String::from_utf8_lossy(input));
            eprintln!("as bytes, for fuzz/found/{target}: {input:?}");
            resume_unwind(panic);
        }
    };
    for (_, input) in inputs("found", target).iter().chain(&corpus) {
        run(input);
    }
    let words = dictionary(target);
    let mut dice = Dice(seed.wrapping_mul(2).wrapping_add(1));
    for _ in 0..mutations {
        run(&mutated(&mut dice, &corpus, &words));
    }
}

/// Files in the order of their names.
fn inputs(kind: &str, target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    // Tests run in the folder of their crate.
    let folder = PathBuf::from("../../fuzz").join(kind).join(target);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    files.sort();
    files.into_iter().filter_map(|path| fs::read(&path).ok().map(|input| (path, input))).collect()
}

/// The words of a dictionary as libFuzzer reads it.
fn dictionary(target: &str) -> Vec<Vec<u8>> {
    let text = fs::read_to_string(format!("../../fuzz/dict/{target}.dict")).unwrap_or_default();
    let word = |line: &str| {
        let inner = line.trim().strip_prefix('"')?.strip_suffix('"')?;
        Some(inner.replace("\\\"", "\"").replace("\\\\", "\\").into_bytes())
    };
    text.lines().filter_map(word).collect()
}

/// xorshift64*.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

fn mutated(dice: &mut Dice, corpus: &[(PathBuf, Vec<u8>)], words: &[Vec<u8>]) -> Vec<u8> {
    let mut input = corpus[dice.below(corpus.len())].1.clone();
    for _ in 0..=dice.below(6) {
        let at = dice.below(input.len() + 1);
        let end = (at + 1 + dice.below(16)).min(input.len());
        match dice.below(8) {
            0 if at < input.len() => input[at] ^= 1 << dice.below(8),
            1 if at < input.len() => input[at] = [0, 1, 127, 128, 255, b'"', b'\'', b'0'][dice.below(8)],
            2 => input.insert(at, dice.next() as u8),
            3 if at < end => drop(input.drain(at..end)),
            4 if at < end => {
                let piece = input[at..end].to_vec();
                for _ in 0..=dice.below(20) {
                    input.splice(at..at, piece.iter().copied());
                }
            }
            5 if !words.is_empty() => {
                let word = words[dice.below(words.len())].clone();
                input.splice(at..end.min(at + word.len()).max(at), word);
            }
            6 => {
                let other = &corpus[dice.below(corpus.len())].1;
                let from = dice.below(other.len() + 1);
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            _ => input.truncate(at),
        }
        input.truncate(LONGEST);
    }
    input
}
