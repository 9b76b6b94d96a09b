//! How often something may be tried in vain. Each place has a budget of its own, so that somebody
//! elsewhere cannot lock a person out; after the free tries each further one costs a longer wait.

use domain::{Error, ErrorCode, Result};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// More than this is not remembered.
const MOST_KEPT: usize = 50_000;
/// The longest wait.
const LONGEST_MS: i64 = 15 * 60_000;
/// What was tried longer ago counts no more.
const FORGOTTEN_MS: i64 = 24 * 3_600_000;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Tried {
    /// Passwords for one name from one address.
    Name,
    /// Passwords for any name from one address.
    Address,
    /// Passwords of the one person who signed in on this device before.
    Device,
    /// Codes of somebody whose password was right.
    Code,
    /// Codes on a device where that person signed in before.
    DeviceCode,
    /// One's own password, asked for once more while signed in.
    OwnPassword,
    /// Requests for a new password from one address.
    Reset,
    /// Mails to one person.
    Mail,
}

impl Tried {
    /// How many tries are free, and after how long one is forgiven.
    fn rule(self) -> (u32, i64) {
        match self {
            Self::Name | Self::Code => (5, 10 * 60_000),
            // Many people may share an address.
            Self::Address => (50, 60_000),
            Self::Device | Self::DeviceCode | Self::OwnPassword | Self::Reset => (10, 5 * 60_000),
            Self::Mail => (3, 20 * 60_000),
        }
    }
}

/// One thing that is counted, and whose.
pub(crate) type Key = (Tried, String);

#[derive(Clone, Copy)]
struct Tries {
    count: u32,
    last: i64,
}

impl Tries {
    /// What is left of them by now.
    fn by(self, what: Tried, now: i64) -> u32 {
        let forgiven = (now - self.last).max(0) / what.rule().1;
        self.count.saturating_sub(u32::try_from(forgiven).unwrap_or(u32::MAX))
    }

    /// How long it is until the next one.
    fn wait(self, what: Tried, now: i64) -> i64 {
        let over = self.by(what, now).saturating_sub(what.rule().0);
        if over == 0 {
            return 0;
        }
        let wait = 2_000_i64.checked_shl(over.min(20) - 1).unwrap_or(LONGEST_MS).min(LONGEST_MS);
        (self.last + wait - now).max(0)
    }
}

/// What was tried in vain, in this process.
#[derive(Default)]
pub(crate) struct Budget(Mutex<HashMap<Key, Tries>>);

impl Budget {
    /// Counts a try against all of these before it is made, so that a hundred at once are a hundred.
    ///
    /// # Errors
    /// One of them has to wait; then nothing was counted.
    pub(crate) fn begin(&self, keys: &[Key], now: i64) -> Result<()> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = keys.iter().filter_map(|key| Some(all.get(key)?.wait(key.0, now))).max().unwrap_or(0);
        if wait > 0 {
            let seconds = (wait + 999) / 1_000;
            let unit = if seconds == 1 { "second" } else { "seconds" };
            return Err(Error::new(ErrorCode::TooManyRequests, "This was tried too often from here.")
                .hint(format!("Wait {seconds} {unit} and try again.")));
        }
        if all.len() + keys.len() > MOST_KEPT {
            all.retain(|key, tries| now - tries.last < FORGOTTEN_MS && tries.by(key.0, now) > 0);
            if all.len() + keys.len() > MOST_KEPT {
                // Those who have to wait stay: nobody ends their wait by trying many names.
                all.retain(|key, tries| tries.wait(key.0, now) > 0);
            }
        }
        for key in keys {
            let tries = all.entry(key.clone()).or_insert(Tries { count: 0, last: now });
            *tries = Tries { count: tries.by(key.0, now).saturating_add(1), last: now };
        }
        Ok(())
    }

    /// The try was right: what it was counted against is free again. The address gets back this one
    /// try only, or whoever has an account could guess at others between two right ones.
    pub(crate) fn right(&self, keys: &[Key]) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for key in keys {
            match all.get_mut(key) {
                Some(tries) if key.0 == Tried::Address => tries.count = tries.count.saturating_sub(1),
                _ => _ = all.remove(key),
            }
        }
    }
}

/// What counts as one address: of IPv6 the network, since whoever has one has all addresses in it.
pub(crate) fn place(address: &str) -> String {
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V6(v6)) => match v6.to_ipv4_mapped() {
            Some(v4) => v4.to_string(),
            None => {
                let [a, b, c, d, ..] = v6.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        },
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(what: Tried, whose: &str) -> Vec<Key> {
        vec![(what, whose.to_owned())]
    }

    /// How many tries in a row are let through.
    fn free(budget: &Budget, keys: &[Key], now: i64) -> usize {
        (0..1_000).take_while(|_| budget.begin(keys, now).is_ok()).count()
    }

    #[test]
    fn waits_grow_and_end() {
        let budget = Budget::default();
        let name = key(Tried::Name, "ada|192.0.2.1");
        assert_eq!(free(&budget, &name, 0), 6);
        let refused = budget.begin(&name, 1_000).unwrap_err();
        assert_eq!(refused.code, ErrorCode::TooManyRequests);
        assert_eq!(refused.hint.as_deref(), Some("Wait 1 second and try again."));
        let (mut now, mut waits) = (0, Vec::new());
        for _ in 0..12 {
            let begun = now;
            while budget.begin(&name, now).is_err() {
                now += 1_000;
            }
            waits.push((now - begun) / 1_000);
        }
        assert_eq!(waits[..8], [2, 4, 8, 16, 32, 64, 128, 256]);
        assert!(waits.iter().all(|wait| *wait <= LONGEST_MS / 1_000), "{waits:?}");
        assert!(budget.begin(&name, now + FORGOTTEN_MS).is_ok());
    }

    #[test]
    fn a_place_does_not_cost_another_one() {
        let budget = Budget::default();
        _ = free(&budget, &key(Tried::Name, "ada|192.0.2.66"), 0);
        _ = free(&budget, &key(Tried::Address, "192.0.2.66"), 0);
        assert!(budget.begin(&key(Tried::Name, "ada|192.0.2.1"), 0).is_ok());
        assert!(budget.begin(&key(Tried::Device, "d1"), 0).is_ok());
    }

    #[test]
    fn what_was_right_frees_the_name_and_not_the_address() {
        let budget = Budget::default();
        let address = key(Tried::Address, "a");
        let own = [key(Tried::Name, "eve|a"), address.clone()].concat();
        let mut guesses = 0;
        while budget.begin(&address, 0).is_ok() {
            guesses += 1;
            assert!(guesses < 100, "her own right passwords do not buy guesses at others");
            if budget.begin(&own, 0).is_ok() {
                budget.right(&own);
            }
        }
        let name = key(Tried::Name, "ada|b");
        assert_eq!(free(&budget, &name, 0), 6);
        budget.right(&name);
        assert_eq!(free(&budget, &name, 0), 6);
    }

    #[test]
    fn those_who_wait_are_not_forgotten_for_others() {
        let budget = Budget::default();
        let name = key(Tried::Name, "ada|a");
        _ = free(&budget, &name, 0);
        for i in 0..MOST_KEPT + 10 {
            budget.begin(&key(Tried::Name, &format!("n{i}|a")), 1).unwrap();
        }
        assert!(budget.begin(&name, 2).is_err());
        assert!(budget.0.lock().unwrap().len() <= MOST_KEPT);
    }

    #[test]
    fn a_network_of_ipv6_is_one_place() {
        assert_eq!(place("2001:db8:1:2:3::4"), place("2001:db8:1:2::9"));
        assert_ne!(place("2001:db8:1:2::1"), place("2001:db8:1:3::1"));
        assert_eq!(place("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(place("192.0.2.1"), "192.0.2.1");
    }
}
