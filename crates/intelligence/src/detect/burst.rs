//! Anomalies that belong together, and the members of dimensions that carry them.

use crate::learn::text;
use crate::{Frame, MISSING_MEMBER};
use domain::frame::Values;
use domain::learn::Carrier;

/// Carriers of one burst at most.
const MOST_CARRIERS: usize = 5;
/// A dimension with more members than this names things, not groups of them.
const MOST_MEMBERS: usize = 10_000;

/// Runs of flagged rows: first and last, with at most `gap` rows between two of a run.
pub(crate) fn runs(flagged: &[usize], gap: usize) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for &row in flagged {
        match runs.last_mut() {
            Some((_, last)) if row - *last <= gap + 1 => *last = row,
            _ => runs.push((row, row)),
        }
    }
    runs
}

/// In which members of which dimensions some rows are concentrated, compared with all others,
/// strongest first.
pub fn carriers(frame: &Frame, rows: &[usize], dimensions: &[String]) -> Vec<Carrier> {
    let mut is_odd = vec![false; frame.rows];
    rows.iter().filter(|row| **row < frame.rows).for_each(|row| is_odd[*row] = true);
    let odd = is_odd.iter().filter(|odd| **odd).count();
    let others = frame.rows - odd;
    // One row is no concentration.
    if odd < 2 || others == 0 {
        return Vec::new();
    }
    let mut found: Vec<(f64, Carrier)> = Vec::new();
    for column in dimensions.iter().filter_map(|name| frame.column(name)) {
        let Values::Member { codes, members } = &column.values else { continue };
        if members.len() > MOST_MEMBERS {
            continue;
        }
        let mut counts = vec![(0_usize, 0_usize); members.len()];
        for (code, odd) in codes.iter().zip(&is_odd).filter(|(code, _)| **code != MISSING_MEMBER) {
            let count = &mut counts[*code as usize];
            if *odd { count.0 += 1 } else { count.1 += 1 }
        }
        for (member, (within, without)) in members.iter().zip(counts) {
            let (share, usual) = (within as f64 / odd as f64, without as f64 / others as f64);
            // A test of two shares; with few rows nothing is claimed.
            let both = (within + without) as f64 / frame.rows as f64;
            let error = (both * (1.0 - both) * (1.0 / odd as f64 + 1.0 / others as f64)).sqrt();
            let strength = if error > 0.0 { (share - usual) / error } else { 0.0 };
            if strength < 3.0 || share < 0.2 || within < 2 {
                continue;
            }
            let sentence = format!(
                "{} of it is {} {}, otherwise {}",
                text::percent(share),
                text::short(&column.label),
                text::short(member),
                text::percent(usual),
            );
            let dimension = column.name.clone();
            found.push((strength, Carrier { dimension, member: member.clone(), share, usual, sentence }));
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.member.cmp(&b.1.member)));
    found.truncate(MOST_CARRIERS);
    found.into_iter().map(|(_, carrier)| carrier).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::testing::{frame, members};

    #[test]
    fn rows_near_each_other_are_one_burst() {
        assert_eq!(runs(&[1, 2, 4, 9, 20], 2), [(1, 4), (9, 9), (20, 20)]);
        assert!(runs(&[], 2).is_empty());
    }

    #[test]
    fn the_member_that_carries_a_burst_is_named() {
        let region: Vec<&str> =
            (0..400).map(|i| if (100..120).contains(&i) { "north" } else { ["south", "west"][i % 2] }).collect();
        let kind: Vec<&str> = (0..400).map(|i| ["a", "b"][i / 2 % 2]).collect();
        let frame = frame(vec![members("region", &region), members("kind", &kind)]);
        let rows: Vec<usize> = (95..120).collect();
        let found = carriers(&frame, &rows, &["region".into(), "kind".into(), "nothing".into()]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].member.as_str(), found[0].usual), ("north", 0.0));
        assert!(carriers(&frame, &[], &["region".into()]).is_empty());
        assert!(carriers(&frame, &[9_999], &["region".into()]).is_empty());
    }
}
