//! Names that stand in addresses and SQL, made from what people type.

/// A dataset or metric name: `[a-z0-9_]+`, at most 60 characters, never empty.
pub fn to_name(text: &str) -> String {
    squeeze(text, '_', "dataset")
}

/// A dashboard's address: `[a-z0-9-]+`, at most 60 characters, never empty.
pub fn to_slug(text: &str) -> String {
    squeeze(text, '-', "dashboard")
}

/// Whether `text` is already a valid dataset or metric name.
pub fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 60
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// Whether `text` is already a valid slug.
pub fn is_slug(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 60
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
}

/// `dep_delay` becomes `Dep delay`: a first label for a column or a file.
pub fn to_label(name: &str) -> String {
    let spaced: Vec<&str> = name.split(|c: char| c == '_' || c.is_whitespace()).filter(|w| !w.is_empty()).collect();
    let text = spaced.join(" ");
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

fn squeeze(text: &str, gap: char, fallback: &str) -> String {
    let mut out = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'a'..='z' | '0'..='9' => out.push(c),
            'ä' | 'à' | 'á' | 'â' | 'ã' | 'å' => out.push('a'),
            'ö' | 'ò' | 'ó' | 'ô' | 'õ' | 'ø' => out.push('o'),
            'ü' | 'ù' | 'ú' | 'û' => out.push('u'),
            'é' | 'è' | 'ê' | 'ë' => out.push('e'),
            'í' | 'ì' | 'î' | 'ï' => out.push('i'),
            'ñ' => out.push('n'),
            'ç' => out.push('c'),
            'ß' => out.push_str("ss"),
            _ if !out.ends_with(gap) && !out.is_empty() => out.push(gap),
            _ => {}
        }
        if out.len() >= 60 {
            out.truncate(60);
            break;
        }
    }
    let trimmed = out.trim_end_matches(gap);
    if trimmed.is_empty() { fallback.to_owned() } else { trimmed.to_owned() }
}

/// The candidate nearest to `wanted` by edit distance, when it is near enough to be meant.
pub fn nearest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = wanted.to_lowercase();
    candidates
        .into_iter()
        .map(|c| (distance(&wanted, &c.to_lowercase()), c))
        .min_by_key(|(d, _)| *d)
        .filter(|(d, c)| *d <= 1 + c.chars().count().max(wanted.chars().count()) / 3)
        .map(|(_, c)| c)
}

/// Levenshtein distance in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let cost = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_always_valid() {
        for text in ["Sales Data (2024).csv", "Übersicht", "../../etc/passwd", "", "日本", "a  b", &"x".repeat(200)]
        {
            assert!(is_name(&to_name(text)), "{text} -> {}", to_name(text));
            assert!(is_slug(&to_slug(text)), "{text}");
        }
        assert_eq!(to_name("../../etc/passwd"), "etc_passwd");
        assert_eq!(to_slug("Sales Dashboard"), "sales-dashboard");
        assert_eq!(to_label("dep_delay"), "Dep delay");
    }

    #[test]
    fn a_typo_finds_its_column() {
        assert_eq!(nearest("dep_dely", ["arr_delay", "dep_delay", "carrier"]), Some("dep_delay"));
        assert_eq!(nearest("zzzzzz", ["arr_delay", "carrier"]), None);
    }
}
