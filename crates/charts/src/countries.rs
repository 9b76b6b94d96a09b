//! What countries are called: names, ISO codes, and what the map's shapes call them.

/// A line a country: name, name of its shape where it differs, ISO 3166 codes of two and three
/// letters, other names. Made from the shapes of world-atlas (1 : 110 million), which have no
/// countries too small to be seen at that size.
const COUNTRIES: &str = include_str!("countries.txt");

/// A country with a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Country {
    pub(crate) name: &'static str,
    pub(crate) shape: &'static str,
}

/// The country that a text names, by any of its names or codes, in any case.
pub(crate) fn find(text: &str) -> Option<Country> {
    let wanted = text.trim().to_lowercase();
    if wanted.len() < 2 {
        return None;
    }
    COUNTRIES.lines().find_map(|line| {
        let mut names = line.split('|');
        names.clone().any(|n| !n.is_empty() && n.to_lowercase() == wanted).then_some(())?;
        let name = names.next()?;
        let shape = names.next().filter(|s| !s.is_empty()).unwrap_or(name);
        Some(Country { name, shape })
    })
}

/// Countries whose shape has another name than they have.
pub(crate) fn renamed() -> impl Iterator<Item = Country> {
    COUNTRIES.lines().filter_map(|line| {
        let mut names = line.split('|');
        let (name, shape) = (names.next()?, names.next()?);
        (!shape.is_empty()).then_some(Country { name, shape })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_have_many_names() {
        let names = ["Germany", "de", " DEU ", "germany"];
        assert!(names.iter().all(|n| find(n).map(|c| c.name) == Some("Germany")));
        for name in ["USA", "us", "United States", "United States of America"] {
            assert_eq!(find(name).map(|c| c.shape), Some("United States of America"));
        }
        assert_eq!(find("Atlantis"), None);
        assert_eq!(find(""), None);
        assert_eq!(find("Democratic Republic of the Congo").map(|c| c.shape), Some("Dem. Rep. Congo"));
    }

    #[test]
    fn no_two_countries_share_a_name() {
        for line in COUNTRIES.lines() {
            let name = line.split('|').next().unwrap();
            for other in line.split('|').filter(|n| !n.is_empty()) {
                assert_eq!(find(other).map(|c| c.name), Some(name), "{other}");
            }
        }
    }
}
