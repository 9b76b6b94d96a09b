//! `orrery serve` and `orrery demo`.

use crate::config::Config;
use crate::guard::Guard;
use crate::listen::Door;
use crate::router::{App, router};
use crate::{assets, control, ws};
use axum::serve::ListenerExt;
use domain::{Error, Result};
use services::{DemoOptions, Services};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;

/// Serves until the process is told to stop. `demo` is the number of generated rows.
///
/// # Errors
/// What keeps the server from starting, as a sentence.
pub(super) async fn serve(config: Config, demo: Option<u64>) -> Result<()> {
    if demo.is_some() && !config.addr.ip().is_loopback() {
        return Err(Error::invalid("The demo signs everybody in, so it serves on the loopback only.")
            .hint("Set ORRERY_ADDR to 127.0.0.1:3000, or use `orrery serve`."));
    }
    let assets = assets::manifest(&config.site_dir).map_err(Error::invalid)?;
    let parts = assets::parts(&config.site_dir, &assets).map_err(Error::invalid)?;
    let services = Services::open(config.services()).await?;
    let taken = |cause| Error::invalid(format!("The server cannot listen on {}: {cause}.", config.addr));
    let listener = TcpListener::bind(config.addr).await.map_err(taken)?;
    let address = listener.local_addr().map_err(taken)?;
    if let Some(sales_rows) = demo {
        say("Preparing the demo: sample data and dashboards ...");
        services.prepare_demo(DemoOptions { sales_rows, seed: 42 }).await?;
    }
    if let Some(url) = &config.redis_url {
        services.share_news(url)?;
    }
    services.keep_audit(config.audit_retention_days).await?;
    services.start().await?;
    control::listen(services.clone(), &config.data_dir)
        .map_err(|e| Error::invalid(format!("The control socket: {e}.")))?;
    let base = config.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    if let Some(secret) = services.setup_secret().await? {
        say(&format!(
            "There are no users yet. Make the first administrator, once, within a day:\n  {base}/setup?token={secret}"
        ));
    }
    let leptos = leptos::config::LeptosOptions::builder().output_name("orrery").site_addr(config.addr).build();
    let app = App {
        services,
        assets: Arc::new(assets),
        parts,
        leptos,
        demo: demo.is_some(),
        public_url: config.public_url.clone(),
        sockets: ws::Sockets::new(config.max_sockets_per_user),
        proxies: config.proxies.clone(),
        guard: Guard::new(&config),
    };
    say(&format!("Orrery is ready. Open {base}"));
    // Tapped for nothing but that axum then hands on the peer's address.
    let listener = Door(listener).tap_io(|_| ());
    axum::serve(listener, router(app, &config).into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(stop_signal())
        .await
        .map_err(|e| Error::invalid(format!("The server stopped: {e}.")))
}

async fn stop_signal() {
    let terminate = async {
        if let Ok(mut signal) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            signal.recv().await;
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
    // Open sockets would hold a graceful stop for ever: after a moment they are cut.
    tokio::spawn(async {
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        std::process::exit(0);
    });
}

#[allow(clippy::print_stdout, reason = "people wait for these lines")]
fn say(line: &str) {
    println!("{line}");
}
