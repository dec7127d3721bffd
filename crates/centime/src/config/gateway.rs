//! How the gateway behaves.

use std::net::SocketAddr;
use std::time::Duration;

use centime_engine::settings::{
    Durability, LedgerFailure, OnDisconnect, Secret, Settings, Timeouts, Unpriced,
};

use super::models::Models;
use super::reader::{Section, Wrong};
use super::setting::{Bytes, Raw, Setting, choice};
use super::{providers, url};

impl Setting for Durability {
    fn read(raw: &Raw) -> Result<Self, String> {
        choice(raw, &[("process", Self::Process), ("power", Self::Power)])
    }
}

impl Setting for LedgerFailure {
    fn read(raw: &Raw) -> Result<Self, String> {
        choice(raw, &[("refuse", Self::Refuse), ("spool", Self::Spool)])
    }
}

impl Setting for OnDisconnect {
    fn read(raw: &Raw) -> Result<Self, String> {
        choice(raw, &[("cancel", Self::Cancel), ("drain", Self::Drain)])
    }
}

impl Setting for Unpriced {
    fn read(raw: &Raw) -> Result<Self, String> {
        choice(raw, &[("refuse", Self::Refuse), ("allow", Self::Allow)])
    }
}

/// `flag` is where it listens whatever the file says.
pub(super) fn read(
    root: &Section<'_>,
    models: &Models,
    flag: Option<SocketAddr>,
) -> Result<Settings, Wrong> {
    let listen: SocketAddr = root.get("listen", "127.0.0.1:4000")?;
    let listen = flag.unwrap_or(listen);
    let admin_key: Option<Secret> = root.optional("admin_key")?;
    let durability = root.get("durability", "process")?;
    let journal_sync = root.get("journal_sync", "10ms")?;
    let ledger_failure = root.get("ledger_failure", "refuse")?;
    let on_disconnect = root.get("on_disconnect", "cancel")?;
    let drain_limit = root.get("drain_limit", "30s")?;
    let unpriced = root.get("unpriced", "refuse")?;
    let min_output_tokens = root.get("min_output_tokens", "16")?;
    let hold_wait: Option<Duration> = root.optional("hold_wait")?;
    let Bytes(unary_buffer) = root.get("unary_buffer", "1MiB")?;
    let Bytes(max_body) = root.get("max_body", "64MiB")?;
    let passthrough_keys = root.optional("passthrough_keys")?;
    let allowed_hosts = hosts(root)?;
    let cors_origins = origins(root)?;
    let timeouts = root.table("timeouts", timeouts)?;
    let providers = root.table("providers", |table| providers::read(table, listen))?;
    Ok(Settings {
        listen,
        admin_key,
        durability,
        journal_sync,
        ledger_failure,
        on_disconnect,
        drain_limit,
        unpriced,
        min_output_tokens,
        hold_wait: hold_wait.unwrap_or_default(),
        unary_buffer,
        max_body,
        passthrough_keys,
        allowed_hosts,
        cors_origins,
        timeouts,
        providers,
        aliases: models.aliases.clone(),
    })
}

fn timeouts(table: &Section<'_>) -> Result<Timeouts, Wrong> {
    let of = |key, default| table.get::<Duration>(key, default);
    Ok(Timeouts {
        connect: of("connect", "5s")?,
        first_byte: of("first_byte", "120s")?,
        idle: of("idle", "60s")?,
        total: of("total", "30m")?,
    })
}

/// Names of hosts; which port they are asked at does not matter.
fn hosts(root: &Section<'_>) -> Result<Vec<String>, Wrong> {
    const KEY: &str = "allowed_hosts";
    let hosts: Vec<String> = root.get(KEY, "")?;
    match hosts.iter().find(|host| !url::is_host(host)) {
        Some(host) => {
            let what =
                format!("has `{host}`, which is no host's name, such as `centime.example.com`");
            Err(root.wrong(KEY, &what))
        }
        None => Ok(hosts.iter().map(|host| host.to_ascii_lowercase()).collect()),
    }
}

fn origins(root: &Section<'_>) -> Result<Vec<String>, Wrong> {
    const KEY: &str = "cors_origins";
    let origins: Vec<String> = root.get(KEY, "")?;
    match origins.iter().find(|origin| !url::is_origin(origin)) {
        Some(origin) => {
            let what = format!(
                "has `{origin}`, which is no origin, such as `https://app.example.com`; \
                 each that may call is named"
            );
            Err(root.wrong(KEY, &what))
        }
        None => Ok(origins.iter().map(|origin| origin.to_ascii_lowercase()).collect()),
    }
}
