//! Choices that something random is made of. A shorter string of smaller choices makes a simpler
//! thing, so that what fails can be shrunk without knowing what it is.

pub struct Tape<'a> {
    choices: &'a [u32],
    at: usize,
}

impl<'a> Tape<'a> {
    pub fn new(choices: &'a [u32]) -> Self {
        Self { choices, at: 0 }
    }

    /// Less than `n`; 0, the simplest, where the tape has ended.
    pub fn pick(&mut self, n: usize) -> usize {
        let choice = self.choices.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        choice as usize % n
    }

    /// True once in `n` times, and never where the tape has ended.
    pub fn once_in(&mut self, n: usize) -> bool {
        self.pick(n) == n - 1
    }

    /// One of them; the first is the simplest.
    pub fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.pick(all.len())].clone()
    }

    /// From `-n` to `n`.
    pub fn around(&mut self, n: i64) -> i64 {
        self.pick(2 * n as usize + 1) as i64 - n
    }
}
