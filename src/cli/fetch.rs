//! Fetching a page: with a time limit, a size limit, a token, and no redirects to where nobody asked to go.

use std::fs;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body};

use super::scrape_args::HttpOptions;
use crate::error::Failure;
use crate::source::percent_decoded;

/// So many redirects are followed.
const MOST_REDIRECTS: usize = 5;

/// What is asked for: the text format, as Prometheus before OpenMetrics did.
pub(super) const TEXT: &str = "text/plain;version=1.0.0;q=0.9,text/plain;version=0.0.4;q=0.8,*/*;q=0.1";
/// The other format, in which exemplars show.
pub(super) const OPEN_METRICS: &str = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.1";

/// An address, with what is secret in it apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// Without user and password, as it is requested.
    pub(super) url: String,
    /// As it is shown: without the values of its query.
    pub(super) shown: String,
    /// User and password, in base 64.
    basic: Option<String>,
}

/// A page that is coming in.
pub(super) struct Answer {
    /// What its sender says it is.
    pub(super) is_open_metrics: bool,
    /// The page.
    pub(super) body: Box<dyn Read>,
}

/// Fetches pages.
pub(super) struct Client {
    agent: Agent,
    token: Option<String>,
    max_bytes: u64,
    follows: bool,
}

impl Address {
    /// Takes an address apart; `None` for what is none.
    pub(super) fn of(source: &str) -> Option<Self> {
        let (scheme, rest) = source.split_once("://")?;
        if !["http", "https"].contains(&scheme.to_ascii_lowercase().as_str()) {
            return None;
        }
        let rest = rest.split('#').next().unwrap_or(rest);
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
        let url = format!("{}://{host}{path}", scheme.to_ascii_lowercase());
        let shown = match url.split_once('?') {
            Some((plain, query)) => {
                let names = query.split('&').map(|pair| match pair.split_once('=') {
                    Some((name, _)) => format!("{name}=*"),
                    None => "*".to_owned(),
                });
                format!("{plain}?{}", names.collect::<Vec<_>>().join("&"))
            }
            None => url.clone(),
        };
        Some(Self { url, shown, basic: user.map(|user| base64(percent_decoded(user.as_bytes()).as_slice())) })
    }

    /// Scheme, host and port.
    fn origin(&self) -> &str {
        let start = self.url.find("://").map_or(0, |at| at + 3);
        let end = self.url.get(start..).and_then(|rest| rest.find(['/', '?'])).map_or(self.url.len(), |at| start + at);
        self.url.get(..end).unwrap_or(&self.url)
    }

    fn is_on_this_machine(&self) -> bool {
        let host = self.origin().rsplit("//").next().unwrap_or_default();
        host.starts_with("localhost") || host.starts_with("127.") || host.starts_with("[::1]")
    }

    /// Where a redirect leads.
    fn redirected(&self, location: &str) -> Option<Self> {
        if location.contains("://") {
            return Self::of(location);
        }
        if let Some(rest) = location.strip_prefix("//") {
            let scheme = self.url.split("://").next().unwrap_or("http");
            return Self::of(&format!("{scheme}://{rest}"));
        }
        if location.starts_with('/') {
            return Self::of(&format!("{}{location}", self.origin()));
        }
        let plain = self.url.split('?').next().unwrap_or(&self.url);
        let folder = plain.get(self.origin().len()..).and_then(|path| path.rfind('/')).unwrap_or(0);
        Self::of(&format!("{}/{location}", plain.get(..self.origin().len() + folder).unwrap_or(plain)))
    }
}

impl Client {
    /// Makes a client for requests to this address.
    pub(super) fn new(options: &HttpOptions, address: &Address) -> Result<Self, Failure> {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(Duration::from_secs(options.timeout.max(1))))
            .user_agent(concat!("overexposed/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls(options)?);
        if address.is_on_this_machine() {
            config = config.proxy(None);
        }
        Ok(Self {
            agent: config.build().new_agent(),
            token: token(options)?,
            max_bytes: options.max_bytes,
            follows: options.follow_redirects,
        })
    }

    /// Asks for a page in a format.
    pub(super) fn get(&self, address: &Address, accept: &str) -> Result<Answer, Failure> {
        let mut here = address.clone();
        for _ in 0..=MOST_REDIRECTS {
            // Whoever is redirected to learns nothing that was meant for somebody else.
            let trusted = here.origin() == address.origin();
            let response = self.request(&here, accept, trusted)?;
            let status = response.status();
            let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
            if status.is_redirection()
                && let Some(location) = header("location")
            {
                here = self.next(&here, location)?;
                continue;
            }
            if !status.is_success() {
                let help = if status.as_u16() == 401 || status.as_u16() == 403 {
                    "give a token with --bearer-token-env or --bearer-token-file"
                } else {
                    "look at the address: metrics pages are often at /metrics"
                };
                return Err(failure(&here, &format!("the server answers {}", status.as_u16()), help));
            }
            let is_open_metrics = header("content-type").is_some_and(|kind| kind.contains("openmetrics-text"));
            let limit = self.max_bytes.saturating_add(1);
            let body = response.into_body().into_with_config().limit(limit).reader();
            return Ok(Answer { is_open_metrics, body: Box::new(body) });
        }
        Err(failure(&here, "too many redirects", "give the address of the page itself"))
    }

    fn request(&self, here: &Address, accept: &str, trusted: bool) -> Result<ureq::http::Response<Body>, Failure> {
        let mut request = self.agent.get(&here.url).header("Accept", accept);
        if trusted {
            if let Some(token) = &self.token {
                request = request.header("Authorization", &format!("Bearer {token}"));
            } else if let Some(basic) = &here.basic {
                request = request.header("Authorization", &format!("Basic {basic}"));
            }
        }
        request.call().map_err(|error| failure(here, &error.to_string(), "look at the address, and whether it is up"))
    }

    fn next(&self, here: &Address, location: &str) -> Result<Address, Failure> {
        let Some(mut next) = here.redirected(location) else {
            return Err(failure(here, "the server redirects to what is no address", "give another address"));
        };
        if next.origin() == here.origin() {
            next.basic.clone_from(&here.basic);
        } else if !self.follows {
            let message = format!("the server redirects to `{}`", next.shown);
            return Err(failure(here, &message, "follow it with --follow-redirects, or give that address"));
        }
        Ok(next)
    }
}

fn failure(address: &Address, message: &str, help: &str) -> Failure {
    Failure::Page { source_name: address.shown.clone(), message: message.to_owned(), help: Some(help.to_owned()) }
}

fn token(options: &HttpOptions) -> Result<Option<String>, Failure> {
    if let Some(name) = &options.bearer_token_env {
        let missing = || Failure::Arguments(format!("the environment variable `{name}` holds no token"));
        return std::env::var(name).map(|token| Some(token.trim().to_owned())).map_err(|_| missing());
    }
    let Some(path) = &options.bearer_token_file else { return Ok(None) };
    let cannot = |cause| Failure::Io { what: format!("cannot read the token in `{}`", path.display()), cause };
    fs::read_to_string(path).map(|token| Some(token.trim().to_owned())).map_err(cannot)
}

fn tls(options: &HttpOptions) -> Result<TlsConfig, Failure> {
    let certificates: Vec<Certificate<'static>> = match &options.ca_cert {
        Some(path) => {
            let cannot = |cause| Failure::Io { what: format!("cannot read `{}`", path.display()), cause };
            let pem = fs::read(path).map_err(cannot)?;
            let items = parse_pem(&pem).filter_map(Result::ok);
            items
                .filter_map(|item| match item {
                    PemItem::Certificate(certificate) => Some(certificate),
                    _ => None,
                })
                .collect()
        }
        None => {
            let own = rustls_native_certs::load_native_certs().certs;
            own.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect()
        }
    };
    Ok(TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(certificates)))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build())
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let get = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = (get(0) << 16) | (get(1) << 8) | get(2);
        for at in 0..4 {
            let index = ((bits >> (18 - 6 * at)) & 63) as usize;
            let letter = ALPHABET.get(index).copied().map_or('=', char::from);
            out.push(if at > chunk.len() { '=' } else { letter });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_show_no_secret() {
        let address = Address::of("HTTP://ada:s%40fe@shop.example:9090/metrics?token=abc&x=1#top").unwrap();
        assert_eq!(address.url, "http://shop.example:9090/metrics?token=abc&x=1");
        assert_eq!(address.shown, "http://shop.example:9090/metrics?token=*&x=*");
        assert_eq!(address.basic.as_deref(), Some("YWRhOnNAZmU="));
        assert!(Address::of("page.txt").is_none() && Address::of("ftp://x/y").is_none());
    }

    #[test]
    fn redirects_stay_where_they_are_told() {
        let here = Address::of("http://a.example:1/x/y?z=1").unwrap();
        for (location, wanted) in [
            ("/metrics", "http://a.example:1/metrics"),
            ("metrics", "http://a.example:1/x/metrics"),
            ("https://b.example/m", "https://b.example/m"),
            ("//b.example/m", "http://b.example/m"),
        ] {
            assert_eq!(here.redirected(location).unwrap().url, wanted, "{location}");
        }
        let bare = Address::of("http://a.example").unwrap();
        assert_eq!(bare.redirected("metrics").unwrap().url, "http://a.example/metrics");
    }
}
