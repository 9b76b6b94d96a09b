//! The inbox inside Orrery. Its row is kept together with the delivery, by `services`; here its
//! owner's open pages hear of it.

use crate::Hub;
use domain::notify::InboxNews;

/// The topic of somebody's inbox.
pub fn topic(user_id: &str) -> String {
    format!("inbox:{user_id}")
}

/// Tells the open pages of somebody what is new.
pub fn tell(hub: &Hub, user_id: &str, news: &InboxNews) {
    hub.publish(&topic(user_id), serde_json::to_value(news).unwrap_or_default(), false);
}
