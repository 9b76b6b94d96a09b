//! Holidays and other known events as text: one on a line, with its days.

use domain::forecast::Event;

/// Reads `name: 2024-12-25, 2025-12-25`, one event on a line. What is no day is the first error.
pub(super) fn read(text: &str) -> Result<Vec<Event>, String> {
    let mut all = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let Some((name, days)) = line.split_once(':') else {
            return Err(format!("“{line}” has no days: write a name, a colon and days such as 2025-12-25."));
        };
        let mut ds = Vec::new();
        for day in days.split([',', ' ']).map(str::trim).filter(|day| !day.is_empty()) {
            if !is_day(day) {
                return Err(format!("“{day}” is no day; write it like 2025-12-25."));
            }
            ds.push(day.to_owned());
        }
        all.push(Event { name: name.trim().to_owned(), ds, before: 0, after: 0 });
    }
    Ok(all)
}

/// The same back.
pub(super) fn write(events: &[Event]) -> String {
    let line = |event: &Event| format!("{}: {}", event.name, event.ds.join(", "));
    events.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn is_day(text: &str) -> bool {
    let part = |from: usize, to: usize| text.get(from..to).and_then(|t| t.parse::<u32>().ok());
    text.len() == 10
        && part(0, 4).is_some()
        && text.as_bytes()[4] == b'-'
        && text.as_bytes()[7] == b'-'
        && part(5, 7).is_some_and(|m| (1..=12).contains(&m))
        && part(8, 10).is_some_and(|d| (1..=31).contains(&d))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_lines() {
        let all = read("Christmas: 2024-12-25, 2025-12-25\n\nSale:2025-07-01").unwrap();
        assert_eq!(
            all.iter().map(|e| (e.name.as_str(), e.ds.len())).collect::<Vec<_>>(),
            [("Christmas", 2), ("Sale", 1)]
        );
        assert_eq!(read(&write(&all)).unwrap(), all);
        assert!(read("Christmas 2024").unwrap_err().contains("no days"));
        assert!(read("Christmas: 25.12.2024").unwrap_err().contains("no day"));
        assert!(read("Ü: ü234-12-2").is_err());
    }
}
