//! Where what is being done comes from, for as long as it is done.

use std::sync::Arc;

/// By what a request arrives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Surface {
    /// A browser, signed in or not.
    Page,
    /// A program with an API token.
    Token,
    /// The socket of a page or of a program.
    Socket,
    /// A link that signs nobody in: a wall, a public or embedded dashboard.
    Link,
    /// The command line on the server's own machine.
    Cli,
    /// The server itself: its clock, its start.
    #[default]
    System,
}

impl Surface {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Token => "token",
            Self::Socket => "socket",
            Self::Link => "link",
            Self::Cli => "cli",
            Self::System => "system",
        }
    }
}

/// Where a deed comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    pub surface: Surface,
    /// The session or token.
    pub credential_id: String,
    /// The network address.
    pub address: String,
    /// The program as it names itself.
    pub agent: String,
}

tokio::task_local! {
    static PRESENT: Arc<Origin>;
}

impl Origin {
    /// Does some work of which this is the origin.
    pub async fn around<F: Future>(self: Arc<Self>, work: F) -> F::Output {
        PRESENT.scope(self, work).await
    }

    /// The origin of what is being done now. A task that is spawned has none of its own: it takes the
    /// one of its maker along with [`Origin::around`].
    pub fn now() -> Arc<Self> {
        PRESENT.try_with(Arc::clone).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_knows_its_origin_and_takes_it_along() {
        assert_eq!(Origin::now().surface, Surface::System);
        let origin = Origin { surface: Surface::Token, address: "192.0.2.1".into(), ..Origin::default() };
        Arc::new(origin)
            .around(async {
                assert_eq!(Origin::now().address, "192.0.2.1");
                let alone = tokio::spawn(async { Origin::now().surface }).await.unwrap();
                assert_eq!(alone, Surface::System);
                let along = tokio::spawn(Origin::now().around(async { Origin::now().surface })).await.unwrap();
                assert_eq!(along, Surface::Token);
            })
            .await;
        assert_eq!(Origin::now().surface, Surface::System);
    }
}
