//! Pages that are fetched: formats, tokens, redirects, limits.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use crate::support::{complaint, project, run, text};

const TEXT: &str = "# TYPE jobs_total counter\njobs_total{queue=\"mail\",password=\"winter\"} 3\n";
const OPEN: &str =
    "# TYPE jobs counter\njobs_total{queue=\"mail\",password=\"winter\"} 3 # {to=\"ada@example.org\"} 1\n# EOF\n";

/// Serves these answers by path on a port of its own; gives its address.
fn serve(answer: impl Fn(&str, &[String]) -> String + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    thread::spawn(move || {
        for stream in listener.incoming().filter_map(Result::ok) {
            // A client that goes away early is none of ours.
            let _ = reply(stream, &answer);
        }
    });
    address
}

fn reply(mut stream: TcpStream, answer: &impl Fn(&str, &[String]) -> String) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header)? == 0 || header.trim().is_empty() {
            break;
        }
        headers.push(header.trim().to_lowercase());
    }
    stream.write_all(answer(&path, &headers).as_bytes())
}

fn page(kind: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn redirect(location: &str) -> String {
    format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

fn exporter(_: &str, headers: &[String]) -> String {
    let accepts = headers.iter().any(|header| header.starts_with("accept:") && header.contains("openmetrics"));
    if accepts {
        page("application/openmetrics-text; version=1.0.0", OPEN)
    } else {
        page("text/plain; version=0.0.4", TEXT)
    }
}

#[test]
fn both_formats_are_asked_for_and_told_once() {
    let address = serve(exporter);
    let folder = project(&[]);
    let output = run(folder.path(), &["scrape", &format!("{address}/metrics"), "--output-format", "concise"]);
    let lines = text(&output);
    assert_eq!(output.status.code(), Some(1), "{}", complaint(&output));
    assert_eq!(lines.matches("label `password`").count(), 1, "{lines}");
    assert!(lines.contains("#openmetrics:2:") && lines.contains("exemplars of `jobs`"), "{lines}");
}

#[test]
fn a_page_that_was_cut_off_is_told() {
    let address = serve(|_, _| page("application/openmetrics-text; version=1.0.0", "# TYPE x counter\nx_total 1\n"));
    let output = run(project(&[]).path(), &["scrape", &address, "--output-format", "concise"]);
    assert!(text(&output).contains("ends without `# EOF`"), "{}", text(&output));
}

#[test]
fn tokens_come_from_a_file_and_go_to_their_host_only() {
    let other = serve(|_, headers| {
        let told = headers.iter().any(|header| header.starts_with("authorization:"));
        page("text/plain", if told { "told_total{password=\"x1\"} 1\n" } else { "quiet_total 1\n" })
    });
    let target = format!("{other}/metrics");
    let address = serve(move |path, headers| {
        let told = headers.iter().any(|header| header == "authorization: bearer s3same");
        match (path, told) {
            ("/away", _) => redirect(&target),
            ("/old", _) => redirect("/metrics"),
            (_, true) => page("text/plain", "x_total 1\n"),
            (_, false) => "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned(),
        }
    });
    let folder = project(&[("token", "s3same\n")]);
    let scrape = |path: &str, more: &[&str]| {
        let source = format!("{address}{path}");
        let mut arguments = vec!["scrape", &source, "--output-format", "concise"];
        arguments.extend(more);
        run(folder.path(), &arguments)
    };
    let refused = scrape("/metrics", &[]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(complaint(&refused).contains("401") && complaint(&refused).contains("--bearer-token-file"));
    let with = ["--bearer-token-file", "token"];
    assert_eq!(scrape("/metrics", &with).status.code(), Some(0));
    assert_eq!(scrape("/old", &with).status.code(), Some(0));
    let away = scrape("/away", &with);
    assert_eq!(away.status.code(), Some(2));
    assert!(complaint(&away).contains("--follow-redirects"), "{}", complaint(&away));
    let followed = scrape("/away", &["--bearer-token-file", "token", "--follow-redirects"]);
    assert_eq!(followed.status.code(), Some(0), "the token went to another host: {}", text(&followed));
    assert_eq!(scrape("/metrics", &["--bearer-token-env", "NO_SUCH_VARIABLE"]).status.code(), Some(2));
}

#[test]
fn what_cannot_be_had_is_an_error_without_secrets() {
    let folder = project(&[]);
    let address = serve(|path, _| match path {
        "/loop" => redirect("/loop"),
        "/big" => page("text/plain", &"x_total 1\n".repeat(1000)),
        _ => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned(),
    });
    let code = |path: &str, more: &[&str]| {
        let source = format!("{address}{path}");
        let mut arguments = vec!["scrape", &source];
        arguments.extend(more);
        run(folder.path(), &arguments)
    };
    assert!(complaint(&code("/nope", &[])).contains("404"));
    assert!(complaint(&code("/loop", &[])).contains("redirects"));
    let big = code("/big", &["--max-bytes", "5000"]);
    assert_eq!(big.status.code(), Some(2), "{}", text(&big));
    let port = address.rsplit(':').next().expect("a port");
    let secret = run(folder.path(), &["scrape", &format!("http://ada:tr33house@127.0.0.1:{port}/x?token=s3same")]);
    let said = complaint(&secret);
    assert!(!said.contains("tr33house") && !said.contains("s3same") && said.contains("404"), "{said}");
    assert_eq!(run(folder.path(), &["scrape", "http://127.0.0.1:1/metrics"]).status.code(), Some(2));
}
