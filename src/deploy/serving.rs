//! What does the text around a page say that the interpreter does not note? On which port and path it is served.

/// Whether a call names an address that only the machine itself can reach.
#[must_use]
pub fn names_loopback(call: &str) -> bool {
    ["127.0.0.1", "localhost", "::1", "Ipv4Addr::LOCALHOST", "[127, 0, 0, 1]", "([127,0,0,1]"]
        .iter()
        .any(|known| call.contains(known))
}

/// The port in a call that serves a page, where it is not the first argument: `port=9100`, `([0, 0, 0, 0], 9100)`.
#[must_use]
pub fn port_in(call: &str) -> Option<u16> {
    let number = |text: &str| {
        let digits: String = text.trim_start().chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u16>().ok()
    };
    let mut named = call.match_indices("port").filter_map(|(at, _)| {
        let rest = call.get(at + "port".len()..)?.trim_start();
        number(rest.strip_prefix('=')?)
    });
    named.next().or_else(|| {
        let after = call.rsplit("], ").next().filter(|rest| rest.len() < call.len())?;
        number(after)
    })
}

/// The path under which the application at an offset is mounted: in the same statement, or by the variable it is
/// kept in.
#[must_use]
pub fn mounted_at(text: &str, at: usize) -> Option<String> {
    let start = text.get(..at)?.rfind('\n').map_or(0, |line| line + 1);
    let line = text.get(start..)?.lines().next()?;
    let before = text.get(start..at)?;
    if let Some(path) = path_in(before) {
        return Some(path);
    }
    let variable = line.split_once('=')?.0.trim();
    let is_name = !variable.is_empty() && variable.chars().all(|c| c.is_alphanumeric() || c == '_');
    let uses = text.lines().filter(|other| *other != line && is_name);
    uses.filter(|other| other.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == variable))
        .find_map(path_in)
}

/// The first text in quotes that is a path.
fn path_in(line: &str) -> Option<String> {
    ['"', '\''].into_iter().find_map(|quote| {
        let mut parts = line.split(quote).skip(1).step_by(2);
        parts.find(|part| part.starts_with('/')).map(str::to_owned)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_and_mounts_stand_in_the_text() {
        assert_eq!(port_in("start_http_server(port=9100)"), Some(9100));
        assert_eq!(port_in("b.with_http_listener(([0, 0, 0, 0], 9000))"), Some(9000));
        assert_eq!(port_in("start_http_server(port)"), None);
        let text = "app.mount(\"/a/metrics\", make_asgi_app())\nx = make_asgi_app()\napp.mount('/b', x)\n";
        assert_eq!(mounted_at(text, 24).as_deref(), Some("/a/metrics"));
        assert_eq!(mounted_at(text, text.find("x = ").unwrap() + 4).as_deref(), Some("/b"));
    }
}
