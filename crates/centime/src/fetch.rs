//! Getting a file from the network, when somebody asks for it: never otherwise.
//!
//! Only over TLS, or from this machine; bounded in size, time and redirections. A redirection never
//! leads away from TLS.

use std::io::Read;
use std::time::Duration;

use ureq::Agent;
use ureq::http::Uri;

use crate::output::Progress;

/// The longest a whole answer may take.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The longest until a connection stands.
const TIMEOUT_CONNECT: Duration = Duration::from_secs(10);
/// The longest file, unpacked.
const BYTES_MAX: u64 = 64 << 20;
/// How often the file may have moved.
const REDIRECTS_MAX: u32 = 5;

/// Whether a name is that of a place on the network, not of a file.
pub(crate) fn is_address(name: &str) -> bool {
    name.split_once("://").is_some_and(|(scheme, _)| {
        scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")
    })
}

/// Why an address was not read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum FetchError {
    /// It is none that is read.
    Refused(String),
    /// The network, or whoever answers there, failed.
    Failed(String),
}

/// The text at an address. `progress` is told what came in.
///
/// # Errors
/// When the address is none that is read, or the network failed.
pub(crate) fn fetch(address: &str, progress: &mut Progress) -> Result<String, FetchError> {
    let failed = |what: String| FetchError::Failed(format!("cannot get `{address}`: {what}"));
    let agent = agent(address)?;
    let mut answer = agent.get(address).call().map_err(|error| failed(error.to_string()))?;
    if !answer.status().is_success() {
        return Err(failed(format!("the answer is {}", answer.status())));
    }
    let mut reader = answer.body_mut().with_config().limit(BYTES_MAX + 1).reader();
    let (mut body, mut chunk) = (Vec::new(), vec![0; 1 << 16]);
    loop {
        let bytes = reader.read(&mut chunk).map_err(|error| failed(error.to_string()))?;
        if bytes == 0 {
            break;
        }
        body.extend_from_slice(&chunk[..bytes]);
        if u64::try_from(body.len()).is_ok_and(|bytes| bytes > BYTES_MAX) {
            return Err(failed(format!("it is over {} MiB", BYTES_MAX >> 20)));
        }
        progress.bar().inc(u64::try_from(bytes).unwrap_or(0));
        progress.step();
    }
    String::from_utf8(body).map_err(|_| failed("it is not a text in UTF-8".to_owned()))
}

/// What asks there: with TLS anywhere, without it only this machine.
fn agent(address: &str) -> Result<Agent, FetchError> {
    let refused = |what: &str| Err(FetchError::Refused(format!("`{address}`: {what}")));
    let Ok(uri) = address.parse::<Uri>() else {
        return refused("this is no address");
    };
    let config = Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .timeout_connect(Some(TIMEOUT_CONNECT))
        .http_status_as_error(false)
        .user_agent(concat!("centime/", env!("CARGO_PKG_VERSION")));
    let config = match (uri.scheme_str(), uri.host()) {
        (Some("https"), Some(_)) => config.https_only(true).max_redirects(REDIRECTS_MAX).build(),
        (Some("http"), Some(host)) if is_this_machine(host) => {
            config.proxy(None).max_redirects(0).build()
        }
        (Some("http"), _) => {
            return refused(
                "a price list over plain http could be anybody's: use https, or a file",
            );
        }
        _ => return refused("this is no address of the web"),
    };
    Ok(config.new_agent())
}

/// Whether a host is this machine.
pub(crate) fn is_this_machine(host: &str) -> bool {
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    let is_loopback = literal.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    is_loopback || host.eq_ignore_ascii_case("localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_safe_addresses_are_read() {
        for (address, is_read) in [
            ("https://example.com/prices.json", true),
            ("http://127.0.0.1:8000/x", true),
            ("http://127.9.9.9/x", true),
            ("http://[::1]:8000/x", true),
            ("http://localhost/x", true),
            ("http://localhost.example.com/x", false),
            ("http://127.0.0.1.example.com/x", false),
            ("http://user@example.com/x", false),
            ("http://127.0.0.1@example.com/x", false),
            ("http://0.0.0.0/x", false),
            ("http://10.0.0.1/x", false),
            ("ftp://example.com/x", false),
            ("https:///x", false),
            ("http://exa mple/x", false),
        ] {
            assert_eq!(agent(address).is_ok(), is_read, "{address}");
        }
        assert!(is_address("HTTPS://x") && is_address("http://x"));
        assert!(!is_address("prices.json") && !is_address("C:\\prices") && !is_address("file://x"));
    }
}
