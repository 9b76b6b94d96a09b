//! Old values are thinned: single ones become minutes, minutes become hours, and hours end.

use super::def_of;
use super::history::{HOUR_MS, MINUTE_MS};
use crate::Services;
use domain::Result;
use engine::Progress;
use std::collections::BTreeMap;
use store::BucketRow;

/// Values that are thinned in one write.
const AT_ONCE: i64 = 5_000;

impl Services {
    /// Thins the past of all metrics as their retention says. Answers how many values became fewer.
    ///
    /// # Errors
    /// The store does not answer; what was thinned until then stays so.
    pub(crate) async fn thin_history(&self, now: i64, progress: &Progress) -> Result<u64> {
        let rows = self.store.metrics().await?;
        progress.set_total(rows.len() as u64);
        let mut thinned = 0;
        for (done, row) in rows.iter().enumerate() {
            let Ok(def) = def_of(row) else { continue };
            let (single, minutes, hours) = def.retention.limits(now);
            // Whole stretches only: what is left of an hour is thinned with the next one.
            thinned += self.thin_step(&row.id, 0, MINUTE_MS, floor(single, MINUTE_MS), progress).await?;
            thinned += self.thin_step(&row.id, MINUTE_MS, HOUR_MS, floor(minutes, HOUR_MS), progress).await?;
            thinned += self.store.forget_history(&row.id, hours).await?;
            progress.set_done(done as u64 + 1);
            if progress.is_cancelled() {
                break;
            }
        }
        Ok(thinned)
    }

    async fn thin_step(&self, id: &str, from: i64, to: i64, before: i64, progress: &Progress) -> Result<u64> {
        let mut thinned = 0;
        while !progress.is_cancelled() {
            let old: Vec<BucketRow> = if from == 0 {
                let values = self.store.old_values(id, before, AT_ONCE).await?;
                let one = |v: store::ValueRow| BucketRow {
                    bucket: domain::metric::Bucket::of(v.at, v.value),
                    member: v.member,
                };
                values.into_iter().map(one).collect()
            } else {
                self.store.old_buckets(id, from, before, AT_ONCE).await?
            };
            if old.is_empty() {
                break;
            }
            let made_of: Vec<(i64, String)> = old.iter().map(|row| (row.bucket.at, row.member.clone())).collect();
            self.store.thin(id, (from, &made_of), to, &merged(&old, to)).await?;
            thinned += old.len() as u64;
        }
        Ok(thinned)
    }
}

fn floor(at: i64, span: i64) -> i64 {
    at.div_euclid(span) * span
}

/// One bucket for each member and stretch.
fn merged(rows: &[BucketRow], span: i64) -> Vec<BucketRow> {
    let mut made: BTreeMap<(i64, &str), domain::metric::Bucket> = BTreeMap::new();
    for BucketRow { member, bucket } in rows {
        let bucket = bucket.floored(span);
        made.entry((bucket.at, member)).and_modify(|into| into.add(&bucket)).or_insert(bucket);
    }
    made.into_iter().map(|((_, member), bucket)| BucketRow { member: member.to_owned(), bucket }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::metric::Bucket;

    #[tokio::test]
    async fn the_past_is_thinned_by_its_age_and_still_read_as_one() {
        let dir = tempfile::tempdir().unwrap();
        let services = Services::open(crate::Settings {
            data_dir: dir.path().to_owned(),
            database: None,
            fixtures_dir: None,
            paper_dir: None,
            query_timeout: std::time::Duration::from_secs(9),
            memory_limit_bytes: 64 << 20,
            threads: 1,
            max_upload_bytes: 1 << 20,
            questions: crate::QuestionDefaults::default(),
            sources: crate::SourceSettings::default(),
            notify: crate::NotifySettings::default(),
            sign_in: crate::SignInSettings::default(),
        })
        .await
        .unwrap();
        services.add_user("owner", domain::UserRole::Creator, None).await.unwrap();
        let owner = services.local_caller(Some("owner")).await.unwrap();
        let new = serde_json::json!({"id": "beat", "name": "Beat", "format": {}});
        services.create_metric(&owner, serde_json::from_value(new).unwrap()).await.unwrap();
        let end = super::super::history::moment("2025-03-20T00:00:00Z", "at").unwrap();
        let (day, hour) = (24 * HOUR_MS, HOUR_MS);
        // Twenty values, a second apart: just now, three days ago, ten days ago, three years ago.
        for age in [hour, 3 * day, 10 * day, 1_100 * day] {
            let values = (0..20_u32).map(|n| domain::api::PushedValue {
                value: f64::from(n),
                at: Some(crate::clock::rfc3339(end - age + i64::from(n) * 1_000)),
                ts: None,
            });
            services.push_values(&owner, "beat", values.collect()).await.unwrap();
        }
        let rows = async || services.past("beat", "", end - 2_000 * day, end).await.unwrap();
        assert_eq!(rows().await.len(), 80);
        let thinned = services.thin_history(end, &Progress::default()).await.unwrap();
        assert!(thinned >= 60, "{thinned}");
        let left = rows().await;
        let counts: Vec<i64> = left.iter().map(|b| b.count).filter(|n| *n > 1).collect();
        assert_eq!((left.len(), counts), (22, vec![20, 20]), "an hour, a minute, and twenty single values");
        assert!(left.iter().filter(|b| b.count > 1).all(|b| b.total == Some(190.0) && b.last == Some(19.0)));
        assert_eq!(services.thin_history(end, &Progress::default()).await.unwrap(), 0, "once is enough");
    }

    #[test]
    fn members_are_thinned_each_for_itself() {
        let row = |at: i64, member: &str, value: f64| BucketRow {
            member: member.into(),
            bucket: Bucket::of(at, Some(value)),
        };
        let made =
            merged(&[row(1_000, "", 1.0), row(2_000, "a", 5.0), row(59_999, "", 3.0), row(60_000, "", 7.0)], MINUTE_MS);
        let seen: Vec<_> = made.iter().map(|m| (m.bucket.at, m.member.as_str(), m.bucket.total)).collect();
        assert_eq!(seen, [(0, "", Some(4.0)), (0, "a", Some(5.0)), (60_000, "", Some(7.0))]);
    }
}
