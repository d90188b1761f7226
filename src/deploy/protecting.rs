//! Does the code itself ask who is there before it shows a page? Told by the words of the definition: decorators,
//! dependencies, and checks in the body.

use super::data::data;

/// Whether the text of a definition asks who is there.
#[must_use]
pub fn is_protected(definition: &str) -> bool {
    let code: String =
        definition.lines().map(|line| line.split('#').next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    let words = &data().pages;
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let names: Vec<&str> = code.split(|c: char| !is_part(c)).filter(|name| !name.is_empty()).collect();
    words.guards.iter().any(|guard| names.iter().any(|name| name == guard))
        || decorators(&code).any(|decorator| {
            let decorator = decorator.to_lowercase();
            let mut parts = decorator.split(|c: char| !c.is_alphanumeric());
            parts.any(|part| words.words.iter().any(|word| word == part))
        })
}

/// The lines of decorators, without the routes that they name.
fn decorators(code: &str) -> impl Iterator<Item = &str> {
    let lines = code.lines().map(str::trim).filter(|line| line.starts_with('@'));
    lines.map(|line| line.split(['"', '\'']).next().unwrap_or_default())
}

/// Whether a call names an address that only the machine itself can reach.
#[must_use]
pub fn names_loopback(call: &str) -> bool {
    ["127.0.0.1", "localhost", "::1", "Ipv4Addr::LOCALHOST", "[127, 0, 0, 1]", "([127,0,0,1]"]
        .iter()
        .any(|known| call.contains(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guards_are_told_from_routes() {
        assert!(is_protected("@login_required\ndef metrics(request):\n    return x"));
        assert!(is_protected("@app.get(\"/metrics\")\ndef metrics(user = Depends(current_user)): ..."));
        assert!(is_protected(
            "def metrics(request):\n    if not request.user.is_staff:\n        raise PermissionDenied"
        ));
        assert!(!is_protected("@app.route(\"/auth/metrics\")\ndef metrics():\n    return x  # no login here"));
    }
}
