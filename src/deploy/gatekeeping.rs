//! Does an application ask everybody who they are before any of its views is reached?

use super::data::data;
use super::protecting::{asks, is_protected};

/// Whether settings put a middleware in front of all views that asks who is there.
#[must_use]
pub fn guards_all(settings: &str) -> bool {
    let known = &data().pages.middleware;
    let code = settings.lines().map(|line| line.split('#').next().unwrap_or_default());
    let quoted = code.flat_map(|line| line.split(['"', '\'']).skip(1).step_by(2));
    quoted.filter_map(|text| text.rsplit('.').next()).any(|last| known.iter().any(|name| name == last))
}

/// Whether the file that puts a page under a route puts something in front of it that asks who is there.
#[must_use]
pub fn guards_route(text: &str, route: &str) -> bool {
    hooks(text).any(|hook| is_protected(hook) && !hook.contains(route) && !hook.contains("metrics"))
        || applications(text).any(|call| call.contains("dependencies") && is_protected(call))
        || layers(text, route).any(asks)
}

/// Functions that run before every view: the lines below their decorators.
fn hooks(text: &str) -> impl Iterator<Item = &str> {
    let marks = data().pages.hooks.iter();
    let starts = marks.flat_map(move |mark| text.match_indices(mark.as_str()).map(|(at, _)| at));
    starts.filter_map(move |at| {
        let before = text.get(..at)?.rsplit('\n').next().unwrap_or_default();
        before.trim_start().starts_with('@').then_some(())?;
        let rest = text.get(at..)?;
        let body = rest.find(":\n").map_or(rest.len(), |colon| colon + 2);
        let lines = rest.get(body..).unwrap_or_default().split_inclusive('\n');
        let inside = lines.take_while(|line| line.trim().is_empty() || line.starts_with([' ', '\t']));
        let end = body + inside.map(str::len).sum::<usize>();
        rest.get(..end.min(rest.len()))
    })
}

/// Calls that make an application, with their arguments.
fn applications(text: &str) -> impl Iterator<Item = &str> {
    let makers = data().pages.applications.iter();
    let starts = makers.flat_map(move |maker| text.match_indices(maker.as_str()).map(|(at, _)| at));
    starts.filter_map(move |at| arguments(text.get(at..)?))
}

/// What stands in the first pair of round brackets.
fn arguments(text: &str) -> Option<&str> {
    let open = text.find('(')?;
    let mut depth = 0_u32;
    for (at, sign) in text.char_indices().skip_while(|(at, _)| *at < open) {
        match sign {
            '(' => depth += 1,
            ')' if depth == 1 => return text.get(open..=at),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// What is laid around a route later in the statement that registers it.
fn layers<'t>(text: &'t str, route: &str) -> impl Iterator<Item = &'t str> {
    let quoted = format!("\"/{}\"", route.trim_matches('/'));
    let at = text.find(&quoted).filter(|_| !route.is_empty());
    let rest = at.and_then(|at| text.get(at..)).unwrap_or_default();
    let statement = rest.split(";\n").next().unwrap_or_default();
    let marks = data().pages.layers.iter();
    marks
        .flat_map(move |mark| statement.match_indices(mark.as_str()).map(|(at, _)| at))
        .filter_map(move |at| arguments(statement.get(at..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn middleware_in_settings() {
        assert!(guards_all("MIDDLEWARE = [\n  'django.contrib.auth.middleware.LoginRequiredMiddleware',\n]"));
        assert!(!guards_all("MIDDLEWARE = [\n  # 'django.contrib.auth.middleware.LoginRequiredMiddleware',\n]"));
        assert!(!guards_all("MIDDLEWARE = ['django.contrib.auth.middleware.AuthenticationMiddleware']"));
    }

    #[test]
    fn hooks_that_refuse() {
        let asks = "@app.before_request\ndef gate():\n    if request.headers.get('Authorization') != KEY:\n        abort(401)\n\nx = 1\n";
        assert!(guards_route(asks, "/metrics"));
        let counts = "@app.before_request\ndef count():\n    HITS.inc()\n\ndef authenticate():\n    pass\n";
        assert!(!guards_route(counts, "/metrics"));
        let exempt = asks.replace("if ", "if request.path != '/metrics' and ");
        assert!(!guards_route(&exempt, "/metrics"));
    }

    #[test]
    fn layers_around_a_route() {
        let text = "let app = Router::new()\n    .route(\"/metrics\", get(metrics))\n    .layer(middleware::from_fn(require_auth));\nserve(app);";
        assert!(guards_route(text, "/metrics"));
        let other = "let app = Router::new()\n    .route(\"/metrics\", get(metrics))\n    .layer(TraceLayer::new());\nlet b = Router::new().layer(middleware::from_fn(auth));";
        assert!(!guards_route(other, "/metrics"));
    }
}
