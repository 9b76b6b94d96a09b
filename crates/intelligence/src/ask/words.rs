//! The words of a question: tokens with their stems and numbers, and how alike two words are.

use domain::ask::MAX_QUESTION;
use jiff::civil::Date;
use rust_stemmers::{Algorithm, Stemmer};

/// More tokens than this are not read.
const MAX_TOKENS: usize = 300;

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Word,
    Number(f64),
    Date(Date),
    /// Text in quotation marks.
    Quoted,
    Mark,
}

/// A piece of a question.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token {
    /// As it was written, without quotation marks.
    pub(crate) text: String,
    pub(crate) low: String,
    pub(crate) stem: String,
    pub(crate) kind: Kind,
    /// Bytes of the question.
    pub(crate) from: usize,
    pub(crate) to: usize,
}

impl Token {
    pub(crate) fn is_word(&self) -> bool {
        self.kind == Kind::Word
    }

    /// The number that it says, in digits or as a word.
    pub(crate) fn number(&self) -> Option<f64> {
        match self.kind {
            Kind::Number(n) => Some(n),
            Kind::Word => small_number(&self.low),
            _ => None,
        }
    }
}

fn small_number(word: &str) -> Option<f64> {
    const WORDS: &[&str] =
        &["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    match word {
        "dozen" => Some(12.0),
        "twenty" => Some(20.0),
        "fifty" => Some(50.0),
        "hundred" => Some(100.0),
        _ => WORDS.iter().position(|w| *w == word).map(|n| n as f64),
    }
}

/// Stems words, each once.
pub(crate) struct Stems(Stemmer);

impl Stems {
    pub(crate) fn new() -> Self {
        Self(Stemmer::create(Algorithm::English))
    }

    pub(crate) fn of(&self, low: &str) -> String {
        const IRREGULAR: &[(&str, &str)] = &[
            ("people", "person"),
            ("men", "man"),
            ("women", "woman"),
            ("children", "child"),
            ("countries", "countri"),
            ("cities", "citi"),
            ("bought", "buy"),
            ("sold", "sell"),
            ("made", "make"),
            ("maker", "make"),
            ("makers", "make"),
            ("oldest", "old"),
            ("older", "old"),
            ("indices", "index"),
            ("criteria", "criterion"),
            ("data", "data"),
            ("enrolment", "enrol"),
            ("enrollment", "enrol"),
            ("enrolments", "enrol"),
            ("enrollments", "enrol"),
            ("enrolled", "enrol"),
            ("enroll", "enrol"),
            ("colour", "color"),
            ("colours", "color"),
            ("coloured", "color"),
            ("acceleration", "acceler"),
            ("lives", "live"),
        ];
        if let Some((_, stem)) = IRREGULAR.iter().find(|(word, _)| *word == low) {
            return (*stem).to_owned();
        }
        if low.len() > 40 || !low.is_ascii() {
            return low.to_owned();
        }
        self.0.stem(low).into_owned()
    }
}

/// Cuts a question into tokens. What is longer than a question may be is left out.
pub(crate) fn tokens(question: &str, stems: &Stems) -> Vec<Token> {
    let end = question.char_indices().nth(MAX_QUESTION).map_or(question.len(), |(at, _)| at);
    let text = &question[..end];
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let byte = |i: usize| chars.get(i).map_or(text.len(), |c| c.0);
    let at = |i: usize| chars.get(i).map(|c| c.1);
    let mut found: Vec<Token> = Vec::new();
    let mut i = 0;
    while let Some(c) = at(i) {
        if found.len() >= MAX_TOKENS {
            break;
        }
        let from = i;
        let kind;
        if c.is_whitespace() || matches!(c, '_' | '`') {
            i += 1;
            continue;
        } else if let Some(close) = closing(c, from.checked_sub(1).and_then(at)) {
            match chars[i + 1..].iter().take(120).position(|(_, c)| *c == close) {
                Some(length) if length > 0 => {
                    i += length + 2;
                    let (a, b) = (byte(from + 1), byte(i - 1));
                    found.push(token(text, Kind::Quoted, (a, b), stems));
                }
                _ => i += 1,
            }
            continue;
        } else if c.is_ascii_digit() || (c == '.' && at(i + 1).is_some_and(|c| c.is_ascii_digit())) {
            (i, kind) = number(&chars, text, i);
        } else if c.is_alphanumeric() {
            while at(i)
                .is_some_and(|c| c.is_alphanumeric() || (c == '*' && at(i + 1).is_some_and(char::is_alphanumeric)))
            {
                i += 1;
            }
            kind = Kind::Word;
        } else {
            i += 1;
            // "singer's" is the singer; "don't" is not.
            if matches!(c, '\'' | '’') && at(i).is_some_and(|c| c.is_alphabetic()) && !found.is_empty() {
                let tail = i;
                while at(i).is_some_and(char::is_alphanumeric) {
                    i += 1;
                }
                if &text[byte(tail)..byte(i)] == "t" {
                    found.push(Token {
                        low: "not".into(),
                        stem: "not".into(),
                        ..token(text, Kind::Word, (byte(tail), byte(i)), stems)
                    });
                }
                continue;
            }
            if matches!(c, '\'' | '’') {
                continue;
            }
            kind = Kind::Mark;
        }
        found.push(token(text, kind, (byte(from), byte(i)), stems));
    }
    scale(&mut found);
    found
}

fn closing(open: char, before: Option<char>) -> Option<char> {
    match open {
        '"' => Some('"'),
        '“' | '”' => Some('”'),
        '\'' | '‘' if before.is_none_or(|c| c.is_whitespace() || matches!(c, '(' | ',' | '=')) => {
            Some(if open == '‘' { '’' } else { '\'' })
        }
        _ => None,
    }
}

fn token(text: &str, kind: Kind, (from, to): (usize, usize), stems: &Stems) -> Token {
    let piece = &text[from..to];
    let low = piece.to_lowercase();
    let stem = if kind == Kind::Word { stems.of(&low) } else { low.clone() };
    Token { text: piece.to_owned(), low, stem, kind, from, to }
}

/// "1,250.5", "5k", "2018-03-01"; "2nd" is a word.
fn number(chars: &[(usize, char)], text: &str, from: usize) -> (usize, Kind) {
    let at = |i: usize| chars.get(i).map(|c| c.1);
    let byte = |i: usize| chars.get(i).map_or(text.len(), |c| c.0);
    let digit = |i: usize| at(i).is_some_and(|c| c.is_ascii_digit());
    let day: String = chars[from..].iter().take(10).map(|c| c.1).collect();
    if day.len() == 10
        && !digit(from + 10)
        && let Ok(date) = day.parse::<Date>()
    {
        return (from + 10, Kind::Date(date));
    }
    let mut i = from;
    while digit(i)
        || (at(i) == Some('.') && digit(i + 1))
        || (at(i) == Some(',') && digit(i + 1) && digit(i + 2) && digit(i + 3) && !digit(i + 4))
    {
        i += 1;
    }
    let value = text[byte(from)..byte(i)].replace(',', "").parse::<f64>().ok().filter(|n| n.is_finite());
    let tail = i;
    while at(i).is_some_and(char::is_alphanumeric) {
        i += 1;
    }
    let factor = match text[byte(tail)..byte(i)].to_lowercase().as_str() {
        "" => Some(1.0),
        "k" => Some(1e3),
        "m" | "mn" | "mio" => Some(1e6),
        "b" | "bn" => Some(1e9),
        _ => None,
    };
    match (value, factor) {
        (Some(value), Some(factor)) => (i, Kind::Number(value * factor)),
        _ => (i, Kind::Word),
    }
}

/// "2.5 million" is one number.
fn scale(tokens: &mut Vec<Token>) {
    let mut i = 1;
    while i < tokens.len() {
        let factor = match tokens[i].low.as_str() {
            "thousand" => 1e3,
            "million" | "millions" => 1e6,
            "billion" | "billions" => 1e9,
            _ => 0.0,
        };
        match tokens[i - 1].number() {
            Some(n) if factor > 0.0 => {
                tokens[i - 1].kind = Kind::Number(n * factor);
                tokens[i - 1].to = tokens[i].to;
                tokens.remove(i);
            }
            _ => i += 1,
        }
    }
}

/// Words that say nothing by themselves.
pub(crate) fn is_filler(low: &str) -> bool {
    const FILLERS: &[&str] = &[
        "a",
        "about",
        "all",
        "also",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "axis",
        "be",
        "been",
        "but",
        "by",
        "can",
        "chart",
        "corresponding",
        "could",
        "data",
        "did",
        "display",
        "do",
        "does",
        "done",
        "draw",
        "each",
        "every",
        "find",
        "for",
        "from",
        "get",
        "give",
        "got",
        "graph",
        "had",
        "has",
        "have",
        "having",
        "he",
        "her",
        "here",
        "his",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "just",
        "let",
        "list",
        "lists",
        "made",
        "make",
        "many",
        "me",
        "much",
        "my",
        "now",
        "of",
        "on",
        "or",
        "our",
        "out",
        "over",
        "per",
        "please",
        "plot",
        "present",
        "result",
        "results",
        "return",
        "see",
        "she",
        "should",
        "show",
        "showing",
        "shows",
        "so",
        "some",
        "such",
        "tell",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "to",
        "us",
        "using",
        "via",
        "visualization",
        "visualize",
        "visualizing",
        "want",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "who",
        "whose",
        "will",
        "with",
        "would",
        "you",
        "your",
        "both",
        "different",
        "distinct",
        "various",
        "respective",
        "given",
        "used",
        "use",
        "like",
        "i'd",
        "d",
        "s",
        "compare",
        "ones",
        "one",
        "well",
        "provide",
        "report",
        "across",
        "among",
        "between",
        "against",
        "versus",
        "vs",
        "based",
        "according",
        "respectively",
        "whom",
        "within",
        "through",
        "create",
        "make",
        "build",
        "generate",
        "table",
        "diagram",
        "picture",
        "figure",
        "view",
        "record",
        "records",
        "row",
        "rows",
        "entry",
        "entries",
        "say",
        "exist",
        "exists",
        "available",
        "total",
        "number",
        "overall",
        "group",
        "grouped",
        "color",
        "colored",
        "colour",
        "points",
        "separate",
        "split",
        "segregated",
        "multiple",
        "charts",
        "axes",
        "x",
        "y",
        "must",
        "need",
        "help",
        "know",
        "look",
        "looks",
        "looking",
        "name",
        "value",
        "values",
        "information",
        "info",
        "kind",
        "kinds",
        "sort",
        "type",
        "types",
        "plus",
        "together",
        "along",
        "took",
        "taken",
        "take",
        "place",
        "places",
        "happen",
        "happened",
        "occur",
        "occurred",
        "belong",
        "belongs",
        "contain",
        "called",
        "named",
        "same",
        "only",
        "ordered",
        "order",
        "ranked",
        "sorted",
        "respect",
        "relation",
        "relative",
        "compared",
        "while",
        "during",
        "ever",
    ];
    FILLERS.contains(&low)
}

/// Words that stand for much the same in questions about data; each line is one meaning, in stems.
const ALIKE: &[&[&str]] = &[
    &["countri", "nation", "nationality", "citizenship", "origin", "land"],
    &["nation", "national", "citizenship", "countri"],
    &["price", "cost", "fee", "fare", "charg"],
    &["salari", "wage", "earn", "incom", "pay"],
    &["revenu", "sale", "turnov", "gross"],
    &["phone", "telephon", "mobil", "cell", "contact"],
    &["citi", "town"],
    &["place", "locat", "origin"],
    &["gender", "sex"],
    &["employe", "staff", "worker"],
    &["custom", "client", "buyer"],
    &["kind", "type", "categori", "genr", "class"],
    &["make", "manufactur", "brand", "produc"],
    &["car", "vehicl", "automobil"],
    &["movi", "film"],
    &["student", "pupil"],
    &["teacher", "professor", "instructor", "lectur", "tutor"],
    &["late", "delay"],
    &["carrier", "airlin"],
    &["address", "street"],
    &["id", "identifi", "code", "number", "no"],
    &["titl", "name"],
    &["weight", "heavi"],
    &["height", "tall"],
    &["length", "long", "durat"],
    &["age", "old"],
    &["speed", "fast", "veloc"],
    &["area", "size"],
    &["popul", "inhabit", "resid"],
    &["rank", "posit"],
    &["rate", "score", "grade"],
    &["state", "provinc"],
    &["percent", "percentag", "pct", "share", "rate"],
    &["descript", "detail", "descr"],
    &["enrol", "regist", "registr"],
    &["begin", "start", "open", "commenc"],
    &["end", "finish", "close"],
    &["year", "annual"],
    &["quantiti", "amount", "unit"],
    &["amount", "valu", "total"],
    &["number", "num", "count", "quantiti"],
    &["born", "birth"],
    &["mpg", "mileag"],
    &["date", "day", "time", "when"],
    &["releas", "publish"],
    &["buy", "purchas"],
    &["person", "individu"],
    &["author", "writer"],
    &["record", "label"],
    &["dollar", "usd"],
    &["found", "establish", "creat"],
    &["home", "host"],
    &["hire", "employ"],
    &["shop", "store"],
    &["team", "club"],
    &["song", "track"],
    &["stadium", "venu", "arena"],
    &["doctor", "physician"],
    &["lawyer", "attorney"],
    &["journalist", "report"],
    &["compani", "firm", "corpor", "busi"],
    &["tv", "televis"],
    &["boss", "manag", "head"],
    &["nation", "state"],
    &["instrument", "devic"],
    &["budget", "fund"],
    &["attend", "visitor", "audienc"],
    &["mountain", "peak"],
    &["ship", "vessel", "boat"],
    &["pet", "anim"],
    &["dorm", "hall"],
    &["match", "game"],
    &["major", "subject"],
    &["headquart", "hq"],
    &["depart", "dep", "dept"],
    &["arriv", "arr"],
    &["destin", "dest"],
    &["qualiti", "grade"],
    &["purchas", "order"],
];

/// The stems that stand for much the same as this one.
pub(crate) fn alike(stem: &str) -> Vec<&'static str> {
    ALIKE.iter().filter(|group| group.contains(&stem)).flat_map(|group| group.iter().copied()).collect()
}

/// How alike a word of the question, with what is alike to it, and a word of a name are: 0 to 1.
pub(crate) fn likeness(asked: &Token, alike: &[&str], low: &str, stem: &str) -> f32 {
    if asked.low == low {
        return 1.0;
    }
    if asked.stem == stem && asked.stem.len() > 1 {
        return 0.98;
    }
    if alike.contains(&stem) {
        return 0.72;
    }
    if is_short_for(low, &asked.low) || is_short_for(&asked.low, low) {
        return 0.7;
    }
    typo(&asked.low, low)
}

/// 0.86 or less where two words differ by a slip of the hand.
pub(crate) fn typo(a: &str, b: &str) -> f32 {
    let (long, short) = (a.len().max(b.len()), a.len().min(b.len()));
    if short < 4 || long - short > 2 || a.as_bytes()[0] != b.as_bytes()[0] || is_filler(a) || long > 40 {
        return 0.0;
    }
    if a.bytes().any(|c| c.is_ascii_digit()) || b.bytes().any(|c| c.is_ascii_digit()) {
        return 0.0;
    }
    match strsim::osa_distance(a, b) {
        1 if short >= 5 => 0.86,
        2 if short >= 8 => 0.8,
        1 => 0.62,
        _ => 0.0,
    }
}

/// "hp" for "horsepower", "dept" for "department", "qty" for "quantity".
fn is_short_for(short: &str, long: &str) -> bool {
    let (s, l) = (short.as_bytes(), long.as_bytes());
    if s.len() < 2 || l.len() < 6 || s.len() * 3 > l.len() * 2 || !short.is_ascii() || is_filler(short) {
        return false;
    }
    if s[0] != l[0] {
        return false;
    }
    // A prefix of three letters, or consonants in their order.
    if s.len() >= 3 && long.starts_with(short) {
        return true;
    }
    if s.len() > 4 || s.iter().any(|c| b"aeiou".contains(c)) {
        return false;
    }
    let mut rest = l.iter();
    s.iter().all(|c| rest.any(|x| x == c)) && (s.len() > 2 || l.last() != s.last())
}

/// The words of a name: `dep_delay`, `Net_Worth_Millions`, `StuID`, `Annual entry exit`.
pub(crate) fn split_name(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let chars: Vec<char> = name.chars().take(200).collect();
    for (i, c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|b| chars.get(b));
        let after = chars.get(i + 1);
        let is_hump = c.is_uppercase()
            && before
                .is_some_and(|b| b.is_lowercase() || (b.is_uppercase() && after.is_some_and(|a| a.is_lowercase())));
        let is_digit_edge = before.is_some_and(|b| b.is_alphabetic() && c.is_ascii_digit());
        if (!c.is_alphanumeric() || is_hump || is_digit_edge) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let numbers = |text: &str| -> Vec<f64> {
            tokens(text, &Stems::new())
                .iter()
                .filter_map(|t| if let Kind::Number(n) = t.kind { Some(n) } else { None })
                .collect()
        };
        assert_eq!(numbers("5k, 2.5 million and 300,000 or 1,2"), [5e3, 2.5e6, 3e5, 1.0, 2.0]);
        assert_eq!(numbers("the 2nd of x2"), Vec::<f64>::new());
    }

    #[test]
    fn names_are_cut_into_words() {
        assert_eq!(split_name("Net_Worth_Millions"), ["net", "worth", "millions"]);
        assert_eq!(split_name("StuID"), ["stu", "id"]);
        assert_eq!(split_name("CountryName"), ["country", "name"]);
        assert_eq!(split_name("line_1"), ["line", "1"]);
    }

    #[test]
    fn short_words_stand_for_long_ones_and_slips_are_forgiven() {
        assert!(is_short_for("hp", "horsepower"));
        assert!(!is_short_for("part", "parents"));
        assert!(is_short_for("qty", "quantity"));
        assert!(!is_short_for("or", "origin"));
        assert!(typo("cyclinders", "cylinders") > 0.5);
        assert!(typo("carrier", "courier") < 0.5);
    }
}
