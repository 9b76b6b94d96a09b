//! People named in a comment: `@ada`. Whether there is such a person, and whether they may be told,
//! is not decided here.

use super::Person;

/// The most names that are looked up for one comment.
const MOST_NAMES: usize = 30;
/// The longest name of a user.
const LONGEST: usize = 100;

/// What a name is made of; the same as where users are made.
fn fits(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@' | '+')
}

/// Where names begin, as bytes: at an `@` that does not stand in a word.
fn starts(text: &str) -> impl Iterator<Item = usize> + '_ {
    text.match_indices('@').map(|(at, _)| at).filter(|at| !text[..*at].chars().next_back().is_some_and(fits))
}

/// The names that a text may mean, longest spelling of each first: `@ada.` at the end of a sentence is
/// `ada.` or `ada`.
pub fn names_in(text: &str) -> Vec<Vec<String>> {
    let mut all: Vec<Vec<String>> = Vec::new();
    for at in starts(text) {
        let name: String = text[at + 1..].chars().take_while(|c| fits(*c)).take(LONGEST + 1).collect();
        let mut spellings = vec![name.clone()];
        let mut rest = name.as_str();
        while let Some(shorter) = rest.strip_suffix(['.', '-', '_', '+', '@']) {
            spellings.push(shorter.to_owned());
            rest = shorter;
        }
        spellings.retain(|name| !name.is_empty() && name.chars().count() <= LONGEST);
        if !spellings.is_empty() && !all.contains(&spellings) {
            all.push(spellings);
        }
        if all.len() == MOST_NAMES {
            break;
        }
    }
    all
}

/// The name that is being typed before the cursor, with where its `@` is. Positions are in UTF-16, as
/// text boxes count.
pub fn at_cursor(text: &str, cursor: usize) -> Option<(usize, String)> {
    let units: Vec<u16> = text.encode_utf16().take(cursor).collect();
    let before = String::from_utf16_lossy(&units);
    let at = starts(&before).last()?;
    let typed = &before[at + 1..];
    let name = typed.chars().all(fits) && typed.chars().count() <= LONGEST;
    name.then(|| (before[..at].encode_utf16().count(), typed.to_owned()))
}

/// The text with the names of people standing out. Where there is code the text stays as it is.
pub fn emphasised(text: &str, people: &[Person]) -> String {
    if people.is_empty() || text.contains('`') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut from = 0;
    for at in starts(text).collect::<Vec<_>>() {
        let after = &text[at + 1..];
        let is = |person: &&Person| {
            let head: String = after.chars().take(person.name.chars().count()).collect();
            let rest = after.get(head.len()..).unwrap_or_default();
            // The name ends here, or what follows it is only the end of the sentence.
            let ends = rest.chars().take_while(|c| fits(*c)).all(|c| matches!(c, '.' | '-' | '_' | '+' | '@'));
            head.to_lowercase() == person.name.to_lowercase() && ends
        };
        let Some(person) = people.iter().filter(is).max_by_key(|p| p.name.len()) else { continue };
        let name: String = after.chars().take(person.name.chars().count()).collect();
        out.push_str(&text[from..at]);
        out.push_str("**@");
        out.push_str(&name.replace('_', "\\_"));
        out.push_str("**");
        from = at + 1 + name.len();
    }
    out.push_str(&text[from..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> Vec<String> {
        names_in(text).into_iter().flatten().collect()
    }

    #[test]
    fn names_begin_where_a_word_does() {
        assert_eq!(first("@ada look, (@ben)"), ["ada", "ben"]);
        assert_eq!(first("ask @ada."), ["ada.", "ada"]);
        assert_eq!(first("@ada@example.com, hi"), ["ada@example.com"]);
        assert!(first("mail ada@example.com or @ nobody").is_empty());
        assert_eq!(first("@ada @ada"), ["ada"]);
        assert!(first(&format!("@{}", "x".repeat(101))).is_empty());
        assert_eq!(names_in(&"@a1 @a2 @a3 @a4 @a5 @a6 @a7 @a8 @a9 ".replace('a', "ü").repeat(9)).len(), 9);
        let many: String = (0..99).map(|i| format!("@u{i} ")).collect();
        assert_eq!(names_in(&many).len(), MOST_NAMES);
    }

    #[test]
    fn a_name_is_completed_where_the_cursor_is() {
        assert_eq!(at_cursor("hi @ad", 6), Some((3, "ad".into())));
        assert_eq!(at_cursor("hi @", 4), Some((3, String::new())));
        assert_eq!(at_cursor("🎉 @ad there", 6), Some((3, "ad".into())));
        assert_eq!(at_cursor("hi @ad there", 12), None);
        assert_eq!(at_cursor("mail x@y", 8), None);
    }

    #[test]
    fn names_of_people_stand_out() {
        let people = [Person { id: "1".into(), name: "Ada_L".into() }, Person { id: "2".into(), name: "Ada".into() }];
        assert_eq!(emphasised("@ada_l and @ada. @adam", &people), "**@ada\\_l** and **@ada**. @adam");
        assert_eq!(emphasised("`@ada`", &people), "`@ada`");
        assert_eq!(emphasised("@ada", &[]), "@ada");
    }
}
