//! Where the access token may be shown when a file is fetched: the address comes from outside.

use url::{Host, Url};

/// The hosts that get to see the token.
#[derive(Clone, Debug)]
pub struct Hosts {
    names: Vec<String>,
    graph: Url,
}

impl Hosts {
    /// Allows the hosts named, and that of the Graph API.
    pub fn new(names: &[String], graph: &Url) -> Self {
        let names = names.iter().map(|name| name.trim().to_ascii_lowercase()).filter(|name| !name.is_empty());
        Self { names: names.collect(), graph: graph.clone() }
    }

    /// Says whether a file may be fetched from there, or why not.
    pub fn admit(&self, url: &Url) -> Result<(), &'static str> {
        let host = url.host_str().unwrap_or_default();
        let is_graph = self.graph.host_str() == Some(host);
        if host.is_empty() || !(is_graph || self.names.iter().any(|name| name == host)) {
            return Err("it lies on a host that MEDIA_HOSTS does not name");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("its address holds a name or a password");
        }
        // Nothing on the way to a loopback address can listen: that is a simulator on this machine.
        if is_loopback(url) && matches!(url.scheme(), "http" | "https") {
            return Ok(());
        }
        if url.scheme() != "https" {
            return Err("its address is not https");
        }
        let port = url.port_or_known_default();
        if port != Some(443) && !(is_graph && port == self.graph.port_or_known_default()) {
            return Err("its address names an unusual port");
        }
        Ok(())
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(graph: &str, url: &str) -> bool {
        let hosts = Hosts::new(&["lookaside.fbsbx.com".to_owned()], &Url::parse(graph).unwrap());
        hosts.admit(&Url::parse(url).unwrap()).is_ok()
    }

    #[test]
    fn only_metas_hosts_get_the_token_and_only_by_https() {
        let graph = "https://graph.facebook.com";
        for good in [
            "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1",
            "https://LOOKASIDE.fbsbx.com/a",
            "https://graph.facebook.com/a",
            "https://lookaside.fbsbx.com:443/a",
        ] {
            assert!(admits(graph, good), "{good}");
        }
        for bad in [
            "http://lookaside.fbsbx.com/a",
            "https://lookaside.fbsbx.com.evil.example/a",
            "https://evil.example/lookaside.fbsbx.com",
            "https://evil.example/#lookaside.fbsbx.com",
            "https://lookaside.fbsbx.com@evil.example/a",
            "https://user:word@lookaside.fbsbx.com/a",
            "https://a.lookaside.fbsbx.com/a",
            "https://lookaside.fbsbx.com:8443/a",
            "https://lookaside.fbsbx.com./a",
            "ftp://lookaside.fbsbx.com/a",
            "file:///etc/passwd",
            "http://169.254.169.254/latest/meta-data",
            "http://127.0.0.1/a",
            "https://localhost/a",
            "http://[::1]/a",
        ] {
            assert!(!admits(graph, bad), "{bad}");
        }
    }

    #[test]
    fn a_simulator_on_loopback_may_be_plain_and_nobody_else() {
        for (graph, url) in [
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000/files/1"),
            ("http://127.0.0.1:9000", "http://127.0.0.1:9001/files/1"),
            ("http://localhost:9000", "http://localhost:9000/files/1"),
            ("http://[::1]:9000", "http://[::1]:9000/files/1"),
            ("https://proxy.example:8443", "https://proxy.example:8443/files/1"),
        ] {
            assert!(admits(graph, url), "{url}");
        }
        assert!(!admits("http://127.0.0.1:9000", "http://127.0.0.2:9000/a"));
        assert!(!admits("http://proxy.example:8080", "http://proxy.example:8080/a"));
    }
}
