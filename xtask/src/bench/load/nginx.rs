//! nginx as a plain reverse proxy: the measure of what passing bytes on takes.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::process::{self, Running};
use super::stand::{Route, Tools};

/// Finds nginx, or installs it where that needs no question.
///
/// # Errors
/// When it is not to be had.
pub(super) fn ready() -> Result<PathBuf> {
    // Debian keeps it from the path of those who are not root.
    let found = || {
        let candidates = ["nginx", "/usr/sbin/nginx"].map(PathBuf::from);
        candidates.into_iter().find(|nginx| succeeds(Command::new(nginx).arg("-v")))
    };
    if let Some(nginx) = found() {
        return Ok(nginx);
    }
    let install = ["install", "--yes", "--quiet", "--no-install-recommends", "nginx-light"];
    let _ = succeeds(Command::new("apt-get").args(install))
        || succeeds(Command::new("sudo").args(["-n", "apt-get"]).args(install));
    found().context("there is no nginx; install it: `apt-get install nginx-light`")
}

fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// Starts it before a provider.
pub(super) fn start(tools: &Tools, folder: &Path, provider: SocketAddr) -> Result<Route> {
    // It cannot say which port it took: this one was free a moment ago.
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let settings = folder.join("nginx.conf");
    fs::write(&settings, configuration(folder, address, provider))?;
    let mut command = process::proxy(&tools.nginx);
    command.arg("-p").arg(folder).arg("-e").arg(folder.join("error.log")).arg("-c").arg(&settings);
    let child = command.stdout(Stdio::null()).spawn().context("cannot start nginx")?;
    let mut running = Running::new(child);
    running.listens(address, Duration::from_secs(10))?;
    ensure!(address.ip().is_loopback(), "it listens beyond this machine");
    Ok(Route { address, running, key: "none".to_owned() })
}

/// One process that does all its work, so that its processor time and memory are nginx's: with a master,
/// the master would only wait. `proxy_buffering off` is what event streams need; the other settings keep
/// connections open on both sides, as Centime does.
fn configuration(folder: &Path, listen: SocketAddr, provider: SocketAddr) -> String {
    let folder = folder.display();
    format!(
        "daemon off; master_process off; worker_processes 1; worker_rlimit_nofile 8192;
pid {folder}/nginx.pid;
error_log {folder}/error.log error;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  keepalive_requests 1000000000;
  upstream provider {{ server {provider}; keepalive 1024; keepalive_requests 1000000000; }}
  server {{
    listen {listen} backlog=4096;
    location / {{
      proxy_pass http://provider;
      proxy_http_version 1.1;
      proxy_set_header Connection \"\";
      proxy_buffering off;
    }}
  }}
}}
"
    )
}
