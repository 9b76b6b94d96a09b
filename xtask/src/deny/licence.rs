//! Expressions of licences, as SPDX writes them: `(MIT OR Apache-2.0) AND Unicode-3.0`. AND binds
//! closer than OR; a slash is how OR was once written.

/// Whether a licence of the expression can be chosen such that all of it is allowed.
pub(super) fn is_met(text: &str, allowed: &[&str]) -> Result<bool, String> {
    let spaced = text.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { words: &words, at: 0, allowed };
    let met = reader.any()?;
    match reader.next() {
        None => Ok(met),
        Some(word) => Err(format!("`{word}` stands where it should end")),
    }
}

struct Reader<'a> {
    words: &'a [&'a str],
    at: usize,
    allowed: &'a [&'a str],
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let word = self.words.get(self.at).copied();
        self.at += 1;
        word
    }

    fn takes(&mut self, word: &str) -> bool {
        let is = self.words.get(self.at).is_some_and(|next| *next == word);
        self.at += usize::from(is);
        is
    }

    fn any(&mut self) -> Result<bool, String> {
        let mut met = self.all()?;
        while self.takes("OR") {
            met |= self.all()?;
        }
        Ok(met)
    }

    fn all(&mut self) -> Result<bool, String> {
        let mut met = self.one()?;
        while self.takes("AND") {
            met &= self.one()?;
        }
        Ok(met)
    }

    fn one(&mut self) -> Result<bool, String> {
        let name = match self.next() {
            Some("(") => {
                let met = self.any()?;
                return if self.takes(")") { Ok(met) } else { Err("a bracket is open".into()) };
            }
            Some(word @ (")" | "AND" | "OR" | "WITH")) => {
                return Err(format!("`{word}` stands where a licence should"));
            }
            Some(name) => name,
            None => return Err("a licence is missing".into()),
        };
        if !self.takes("WITH") {
            return Ok(self.allowed.contains(&name));
        }
        let exception = self.next().ok_or("an exception is missing")?;
        // Whoever allows the licence allows it with more freedom.
        Ok(self.allowed.contains(&name) || self.allowed.contains(&format!("{name} WITH {exception}").as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_mean_what_spdx_says() {
        let met = |text: &str| is_met(text, &["MIT", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"]);
        for yes in
            ["MIT", "GPL-3.0 OR MIT", "MIT/Apache-2.0", "(MIT OR GPL-3.0) AND Unicode-3.0", "GPL-3.0 AND X OR MIT"]
        {
            assert_eq!(met(yes), Ok(true), "{yes}");
        }
        for no in ["GPL-3.0", "MIT AND GPL-3.0", "MIT AND (GPL-3.0 OR X)", "Apache-2.0", "GPL-2.0 WITH LLVM-exception"]
        {
            assert_eq!(met(no), Ok(false), "{no}");
        }
        assert_eq!(met("Apache-2.0 WITH LLVM-exception OR X"), Ok(true));
        for odd in ["", "MIT OR", "(MIT", "MIT)", "MIT MIT", "AND MIT", "MIT WITH"] {
            assert!(met(odd).is_err(), "{odd}");
        }
    }
}
