//! What the words of a question may stand for in a catalog: datasets, columns, values, metrics.

use super::catalog::Catalog;
use super::words::{self, Kind, Stems, Token};
use domain::ask::Meaning;
use domain::{Cell, DataType};
use std::collections::{BTreeMap, HashMap};

/// A column: the positions of its dataset and of it.
pub(crate) type ColumnRef = (usize, usize);

/// What some words may stand for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Target {
    Dataset(usize),
    Column(ColumnRef),
    Value(ColumnRef, Cell),
    Metric(usize),
}

impl Target {
    pub(crate) fn column(&self) -> Option<ColumnRef> {
        match self {
            Self::Column(c) | Self::Value(c, _) => Some(*c),
            _ => None,
        }
    }
}

/// Words that may stand for something.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mention {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) target: Target,
    /// How well the words fit: 0 to 1.
    pub(crate) score: f32,
    /// How many words of the question it explains.
    pub(crate) words: f32,
    /// How like its words are to those of the name; 1 where nothing is guessed.
    pub(crate) likeness: f32,
}

/// A name in words, each with its weight.
struct Phrase {
    target: Target,
    words: Vec<(usize, f32)>,
    /// What they weigh together.
    total: f32,
}

/// The names of a catalog in words.
pub(crate) struct Lexicon {
    /// Each different word with its stem.
    vocabulary: Vec<(String, String)>,
    phrases: Vec<Phrase>,
    by_word: HashMap<usize, Vec<usize>>,
    values: BTreeMap<String, Vec<(ColumnRef, Cell)>>,
    longest_value: usize,
}

/// Words of names that tell little: `payment_method_code` is the payment method.
fn weight(word: &str) -> f32 {
    match word {
        "of" | "in" | "the" | "a" | "and" | "for" | "by" | "to" | "on" | "is" | "has" | "or" | "from" | "with"
        | "at" | "if" => 0.05,
        "millions" | "million" | "billions" | "billion" | "usd" | "eur" | "kg" | "km" | "m" | "cm" | "mi" | "ft"
        | "pct" | "ref" => 0.15,
        "code" | "name" | "details" | "detail" | "description" | "date" | "type" | "number" | "num" | "no"
        | "value" | "key" => 0.5,
        "other" | "made" | "total" | "id" => 0.6,
        _ => 1.0,
    }
}

/// What people call columns that are always shortened in the same way.
fn usual_names(name: &str) -> Vec<String> {
    let joined: String = words::split_name(name).concat();
    let says = match joined.as_str() {
        "fname" | "firstname" | "givenname" | "forename" => "first name",
        "lname" | "lastname" | "familyname" | "surname" => "last name",
        "mname" | "middlename" => "middle name",
        "dob" | "birthdate" => "date of birth",
        "hp" => "horsepower",
        "lat" => "latitude",
        "lon" | "lng" | "long" => "longitude",
        _ => return Vec::new(),
    };
    vec![says.to_owned()]
}

struct Builder<'a> {
    stems: &'a Stems,
    lexicon: Lexicon,
    index: HashMap<String, usize>,
}

impl Builder<'_> {
    fn word(&mut self, low: &str) -> usize {
        if let Some(found) = self.index.get(low) {
            return *found;
        }
        let at = self.lexicon.vocabulary.len();
        self.lexicon.vocabulary.push((low.to_owned(), self.stems.of(low)));
        self.index.insert(low.to_owned(), at);
        at
    }

    fn phrase(&mut self, text: &str, target: Target, around: &[usize]) {
        let mut words: Vec<(usize, f32)> = Vec::new();
        for low in words::split_name(text).iter().take(8) {
            let at = self.word(low);
            let is_around =
                around.iter().any(|a| *a == at || self.lexicon.vocabulary[*a].1 == self.lexicon.vocabulary[at].1);
            if words.iter().all(|(w, _)| *w != at) {
                words.push((at, weight(low) * if is_around { 0.4 } else { 1.0 }));
            }
        }
        // A name of one word is that word, however little it tells.
        if words.len() == 1 {
            words[0].1 = 1.0;
        }
        let total: f32 = words.iter().map(|(_, w)| w).sum();
        if total <= 0.0 {
            return;
        }
        let at = self.lexicon.phrases.len();
        for (word, _) in &words {
            self.lexicon.by_word.entry(*word).or_default().push(at);
        }
        self.lexicon.phrases.push(Phrase { target, words, total });
    }
}

impl Lexicon {
    pub(crate) fn new(catalog: &Catalog, stems: &Stems) -> Self {
        let lexicon = Self {
            vocabulary: Vec::new(),
            phrases: Vec::new(),
            by_word: HashMap::new(),
            values: BTreeMap::new(),
            longest_value: 0,
        };
        let mut b = Builder { stems, lexicon, index: HashMap::new() };
        for (d, dataset) in catalog.datasets.iter().enumerate() {
            let mut around: Vec<usize> = Vec::new();
            for name in [&dataset.name, &dataset.label] {
                for low in words::split_name(name) {
                    let at = b.word(&low);
                    around.push(at);
                }
                b.phrase(name, Target::Dataset(d), &[]);
            }
            around.dedup();
            for (c, column) in dataset.columns.iter().enumerate() {
                let mut names = vec![&column.column.name];
                if words::split_name(&column.column.label) != words::split_name(&column.column.name) {
                    names.push(&column.column.label);
                }
                names.extend(&column.synonyms);
                let usual = usual_names(&column.column.name);
                names.extend(&usual);
                for name in names {
                    b.phrase(name, Target::Column((d, c)), &around);
                }
                if column.ty() == DataType::Text {
                    for value in &column.values {
                        b.lexicon.add_value((d, c), value, None);
                    }
                }
            }
        }
        for (m, metric) in catalog.metrics.iter().enumerate() {
            b.phrase(&metric.name, Target::Metric(m), &[]);
            if metric.id != metric.name {
                b.phrase(&metric.id, Target::Metric(m), &[]);
            }
        }
        for synonym in &catalog.synonyms {
            let dataset = |name: &str| catalog.datasets.iter().position(|d| d.name == name);
            let column = |d: &str, c: &str| {
                let d = dataset(d)?;
                catalog.datasets[d].columns.iter().position(|x| x.name() == c).map(|c| (d, c))
            };
            match &synonym.meaning {
                Meaning::Dataset { dataset: name } => {
                    if let Some(d) = dataset(name) {
                        b.phrase(&synonym.word, Target::Dataset(d), &[]);
                    }
                }
                Meaning::Column { dataset, column: name } => {
                    if let Some(c) = column(dataset, name) {
                        b.phrase(&synonym.word, Target::Column(c), &[]);
                    }
                }
                Meaning::Value { dataset, column: name, value } => {
                    if let Some(c) = column(dataset, name) {
                        b.lexicon.add_value(c, &Cell::Text(value.clone()), Some(&synonym.word));
                    }
                }
                Meaning::Metric { metric } => {
                    if let Some(m) = catalog.metrics.iter().position(|m| m.id == *metric) {
                        b.phrase(&synonym.word, Target::Metric(m), &[]);
                    }
                }
            }
        }
        b.lexicon
    }

    fn add_value(&mut self, column: ColumnRef, value: &Cell, called: Option<&str>) {
        let Some(text) = value.as_str().filter(|t| !t.is_empty() && t.chars().count() <= 80) else { return };
        let key = normal(called.unwrap_or(text));
        self.longest_value = self.longest_value.max(key.split(' ').count());
        let all = self.values.entry(key).or_default();
        if all.len() < 50 {
            all.push((column, value.clone()));
        }
    }

    /// Everything that words of the question may stand for.
    pub(crate) fn mentions(&self, tokens: &[Token], stems: &Stems) -> Vec<Mention> {
        let mut like: Vec<Vec<(usize, f32)>> = Vec::with_capacity(tokens.len());
        for token in tokens {
            let mut found = Vec::new();
            if token.is_word() || matches!(token.kind, Kind::Number(_)) {
                let alike = words::alike(&token.stem);
                for (at, (low, stem)) in self.vocabulary.iter().enumerate() {
                    let score = words::likeness(token, &alike, low, stem);
                    if score > 0.0 {
                        found.push((at, score));
                    }
                }
                // What is guessed gives way to what is written.
                let best = found.iter().map(|(_, s)| *s).fold(0.0, f32::max);
                found.retain(|(_, s)| *s > best - 0.3 || *s >= 0.72);
            }
            like.push(found);
        }
        let mut all = Vec::new();
        for from in 0..tokens.len() {
            let mut seen: Vec<usize> =
                like[from].iter().filter_map(|(w, _)| self.by_word.get(w)).flatten().copied().collect();
            seen.sort_unstable();
            seen.dedup();
            for phrase in seen {
                self.extend(&self.phrases[phrase], tokens, &like, from, &mut all);
            }
        }
        self.compounds(tokens, stems, &mut all);
        self.initials(tokens, &mut all);
        self.value_mentions(tokens, &mut all);
        all
    }

    /// The phrase from a token on, as far as words of it follow.
    fn extend(
        &self,
        phrase: &Phrase,
        tokens: &[Token],
        like: &[Vec<(usize, f32)>],
        from: usize,
        all: &mut Vec<Mention>,
    ) {
        let mut used: Vec<usize> = Vec::new();
        let (mut got, mut count, mut worst) = (0.0_f32, 0.0_f32, 1.0_f32);
        let mut at = from;
        let mut skipped = 0;
        let (mut own, mut strange) = (0, 0);
        // "the number of orders" is no order number.
        let is_number_of = matches!(tokens[from].low.as_str(), "number" | "amount" | "count")
            && tokens.get(from + 1).is_some_and(|t| t.low == "of");
        while at < tokens.len() && at < from + 9 {
            let fit = |w: usize| like[at].iter().find(|(l, _)| *l == w).map_or(0.0, |(_, s)| *s);
            let best = phrase
                .words
                .iter()
                .enumerate()
                .filter(|(i, _)| !used.contains(i))
                .map(|(i, (w, weight))| (i, *weight, fit(*w)))
                .filter(|(i, _, s)| *s > 0.0 && !(is_number_of && at == from && !self.says_number(phrase.words[*i].0)))
                .max_by(|a, b| a.2.total_cmp(&b.2));
            if let Some((i, weight, score)) = best {
                used.push(i);
                own += 1;
                got += weight * score;
                count += if words::is_filler(&tokens[at].low) { 0.5 } else { 1.0 };
                worst = worst.min(score);
                skipped = 0;
            } else if own >= 1
                && strange == 0
                && like[at].is_empty()
                && is_strange(&tokens[at])
                && self.goes_on(phrase, &used, like.get(at + 1))
            {
                // "transcript release date": one word between that nothing is called.
                strange = 1;
                worst = worst.min(0.85);
            } else if matches!(tokens[at].low.as_str(), "of" | "the" | "a" | "to" | "-") && skipped < 2 && at > from {
                skipped += 1;
                at += 1;
                continue;
            } else {
                break;
            }
            at += 1;
            if own == 0 {
                continue;
            }
            let score = got / phrase.total;
            if score >= 0.28 && (worst > 0.9 || score >= 0.45) {
                all.push(Mention { from, to: at, target: phrase.target.clone(), score, words: count, likeness: worst });
            }
        }
    }

    fn says_number(&self, word: usize) -> bool {
        matches!(self.vocabulary[word].0.as_str(), "number" | "num" | "nr" | "count" | "amount" | "quantity")
    }

    fn goes_on(&self, phrase: &Phrase, used: &[usize], next: Option<&Vec<(usize, f32)>>) -> bool {
        let is_left = |w: usize| phrase.words.iter().enumerate().any(|(i, (word, _))| *word == w && !used.contains(&i));
        next.is_some_and(|like| like.iter().any(|(w, s)| *s > 0.9 && is_left(*w)))
    }

    /// "high schoolers" for `Highschooler`.
    fn compounds(&self, tokens: &[Token], stems: &Stems, all: &mut Vec<Mention>) {
        for (from, pair) in tokens.windows(2).enumerate() {
            if !pair.iter().all(|t| t.is_word() && t.low.len() > 1) {
                continue;
            }
            let joined = format!("{}{}", pair[0].low, pair[1].low);
            let stem = stems.of(&joined);
            for phrase in &self.phrases {
                let [(word, _)] = phrase.words.as_slice() else { continue };
                let (low, known) = &self.vocabulary[*word];
                if joined.len() >= 6 && (*low == joined || *known == stem) {
                    all.push(Mention {
                        from,
                        to: from + 2,
                        target: phrase.target.clone(),
                        score: 1.0,
                        words: 2.0,
                        likeness: 0.97,
                    });
                }
            }
        }
    }

    /// "miles per gallon" for `MPG`.
    fn initials(&self, tokens: &[Token], all: &mut Vec<Mention>) {
        for phrase in &self.phrases {
            let [(word, _)] = phrase.words.as_slice() else { continue };
            let low = self.vocabulary[*word].0.as_bytes();
            if !(3..=5).contains(&low.len()) || !matches!(phrase.target, Target::Column(_)) {
                continue;
            }
            for from in 0..(tokens.len() + 1).saturating_sub(low.len()) {
                let window = &tokens[from..from + low.len()];
                if window.iter().zip(low).all(|(t, c)| t.is_word() && t.low.len() > 2 && t.low.as_bytes()[0] == *c) {
                    let words = low.len() as f32;
                    all.push(Mention {
                        from,
                        to: from + low.len(),
                        target: phrase.target.clone(),
                        score: 0.9,
                        words,
                        likeness: 0.8,
                    });
                }
            }
        }
    }

    fn value_mentions(&self, tokens: &[Token], all: &mut Vec<Mention>) {
        for from in 0..tokens.len() {
            if tokens[from].kind == Kind::Mark {
                continue;
            }
            let mut key = String::new();
            for to in from + 1..=tokens.len().min(from + self.longest_value.max(1)) {
                let token = &tokens[to - 1];
                if token.kind == Kind::Mark
                    && !matches!(token.low.as_str(), "-" | "." | "&" | "/" | "(" | ")" | "+" | ",")
                {
                    break;
                }
                let piece = normal(&token.text);
                if !piece.is_empty() {
                    if !key.is_empty() {
                        key.push(' ');
                    }
                    key.push_str(&piece);
                }
                let is_quoted = token.kind == Kind::Quoted && to == from + 1;
                for (column, value) in self.values.get(&key).into_iter().flatten() {
                    let text = value.as_str().unwrap_or_default();
                    let written = tokens[from..to].iter().map(|t| t.text.as_str()).collect::<Vec<_>>().join(" ");
                    let is_exact = written == text;
                    let is_plain = to == from + 1 && !is_quoted;
                    // Short and common words are values only as they are written.
                    let is_common =
                        is_plain && (words::is_filler(&token.low) || text.chars().count() < 3 || !token.is_word());
                    if is_common
                        && !(is_exact
                            && text.chars().next().is_some_and(char::is_uppercase)
                            && !matches!(text, "I" | "A" | "X" | "Y"))
                    {
                        continue;
                    }
                    let score = if is_exact || is_quoted { 1.0 } else { 0.94 };
                    let words = (to - from) as f32 + if is_exact { 0.2 } else { 0.0 };
                    all.push(Mention {
                        from,
                        to,
                        target: Target::Value(*column, value.clone()),
                        score,
                        words,
                        likeness: 1.0,
                    });
                }
                if is_quoted || key.len() > 120 {
                    break;
                }
            }
            self.near_value(tokens, from, all);
        }
    }

    /// One word that is written a little otherwise than a value, or its plural.
    fn near_value(&self, tokens: &[Token], from: usize, all: &mut Vec<Mention>) {
        let token = &tokens[from];
        if !token.is_word() || words::is_filler(&token.low) || token.low.chars().count() < 3 {
            return;
        }
        let is_known = self.vocabulary.iter().any(|(low, stem)| *low == token.low || *stem == token.stem);
        if is_known || self.values.contains_key(&token.low) {
            return;
        }
        self.part_of_value(token, from, all);
        if token.low.chars().count() < 4 {
            return;
        }
        let mut near: Vec<(f32, &String)> = Vec::new();
        for key in self.values.keys() {
            let is_plural = token.low.strip_suffix('s').is_some_and(|t| t == key);
            let score = if is_plural { 0.9 } else { words::typo(&token.low, key) };
            if score > 0.75 {
                near.push((score, key));
            }
        }
        near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        for (score, key) in near.into_iter().take(2) {
            for (column, value) in self.values.get(key).into_iter().flatten() {
                all.push(Mention {
                    from,
                    to: from + 1,
                    target: Target::Value(*column, value.clone()),
                    score,
                    words: 1.0,
                    likeness: score,
                });
            }
        }
    }

    /// "JetBlue" for "JetBlue Airways", where no other value has the word.
    fn part_of_value(&self, token: &Token, from: usize, all: &mut Vec<Mention>) {
        let has = |key: &str| key.len() > token.low.len() && key.split(' ').any(|w| w == token.low);
        let found: Vec<&Vec<(ColumnRef, Cell)>> =
            self.values.iter().filter(|(key, _)| has(key)).map(|(_, v)| v).take(2).collect();
        if let [only] = found.as_slice()
            && let Some((column, value)) = only.first()
        {
            all.push(Mention {
                from,
                to: from + 1,
                target: Target::Value(*column, value.clone()),
                score: 0.8,
                words: 0.9,
                likeness: 0.8,
            });
        }
    }

    /// What is written most like a word, nearest first.
    pub(crate) fn nearest(&self, low: &str, count: usize) -> Vec<Target> {
        let mut found: Vec<(f64, &str, Target)> = Vec::new();
        for phrase in &self.phrases {
            for (word, weight) in &phrase.words {
                if *weight >= 0.3 {
                    let name = self.vocabulary[*word].0.as_str();
                    found.push((strsim::jaro_winkler(low, name), name, phrase.target.clone()));
                }
            }
        }
        for (key, all) in self.values.iter().take(20_000) {
            if let Some((column, value)) = all.first() {
                found.push((strsim::jaro_winkler(low, key), key, Target::Value(*column, value.clone())));
            }
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        let mut nearest: Vec<Target> = Vec::new();
        for (score, _, target) in found {
            if score > 0.7 && nearest.len() < count && !nearest.contains(&target) {
                nearest.push(target);
            }
        }
        nearest
    }
}

/// A word that may stand between those of a name without being one of its own.
fn is_strange(token: &Token) -> bool {
    token.is_word() && !words::is_filler(&token.low) && token.low.len() > 3
}

/// Text as values are looked up: small letters, one space between words, no marks.
fn normal(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.ends_with(' ') && !out.is_empty() {
            out.push(' ');
        }
    }
    out.trim_end().to_owned()
}
