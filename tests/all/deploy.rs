//! Deployment files: what others say about them, and what `--fix` makes of charts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{check, files, project, root, run};

/// The texts of all Prometheus configurations in a file: the file itself, or what its blocks hold.
fn configurations(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).expect("a file");
    if text.starts_with("scrape_configs:") || text.starts_with("global:") {
        return vec![text];
    }
    let mut found = Vec::new();
    for block in text.split("prometheus.yml: |\n").skip(1) {
        let indent = block.len() - block.trim_start().len();
        let inside = block.lines().take_while(|line| line.trim().is_empty() || line.starts_with(&" ".repeat(indent)));
        found.push(inside.map(|line| format!("{}\n", line.get(indent..).unwrap_or_default())).collect());
    }
    found
}

/// Whether `promtool` accepts a configuration.
fn accepts(text: &str) -> bool {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("prometheus.yml");
    fs::write(&path, text).expect("a file");
    let ran = Command::new("promtool").args(["check", "config", "--syntax-only"]).arg(&path).output();
    ran.expect("promtool was there a moment ago").status.success()
}

#[test]
fn promtool_agrees_where_it_has_an_opinion() {
    if Command::new("promtool").arg("--version").output().is_err() {
        eprintln!("skipped: there is no promtool (apt-get install prometheus)");
        return;
    }
    let (mut count, mut wrong) = (0, Vec::new());
    let all: Vec<PathBuf> = files(&root().join("fixtures"), &["yml", "yaml"]);
    for path in all.iter().filter(|path| !path.components().any(|part| part.as_os_str() == "templates")) {
        let marks = fs::read_to_string(path).expect("a file");
        // What both call broken: it does not parse, or a target is no host and port.
        let broken = marks.contains("expect: syntax-error") || marks.contains("- http://");
        // Debian builds its promtool without Kubernetes: of discovery there it has no opinion.
        for text in configurations(path).into_iter().filter(|text| !text.contains("kubernetes_sd_configs")) {
            count += 1;
            if accepts(&text) == broken {
                wrong.push(path.display().to_string());
            }
        }
    }
    assert!(count > 15, "only {count} configurations were found");
    assert!(wrong.is_empty(), "promtool disagrees: {wrong:?}");
}

#[test]
fn a_chart_that_only_moved_is_mended() {
    let folder = project(&[
        (
            "up.sh",
            "#!/bin/sh\nhelm repo add stable https://charts.helm.sh/stable\nhelm install prom stable/prometheus\n",
        ),
        (
            "Chart.yaml",
            "apiVersion: v2\nname: x\nversion: 1.0.0\ndependencies:\n  - name: prometheus\n    \
             repository: \"https://kubernetes-charts.storage.googleapis.com\"\n",
        ),
    ]);
    assert_eq!(check(folder.path())["findings"].as_array().map(Vec::len), Some(3));
    run(folder.path(), &["check", ".", "--fix"]);
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect("a file");
    assert_eq!(
        read("up.sh"),
        "#!/bin/sh\nhelm repo add prometheus-community https://prometheus-community.github.io/helm-charts\n\
         helm install prom prometheus-community/prometheus\n"
    );
    assert!(read("Chart.yaml").contains("repository: \"https://prometheus-community.github.io/helm-charts\"\n"));
    assert_eq!(check(folder.path())["findings"].as_array().map(Vec::len), Some(0));
}

#[test]
fn prose_that_warns_is_no_use_and_a_command_is() {
    let folder = project(&[(
        "notes.txt",
        "We used to install stable/prometheus from https://charts.helm.sh/stable, which is deprecated.\n\
         Do not run `helm install prom stable/prometheus` any more.\n\n\
         I added the repository with \"helm repo add stable https://charts.helm.sh/stable\" and it worked.\n\
         $ helm install prom stable/prometheus-operator --> did not work, deprecated\n",
    )]);
    let report = check(folder.path());
    let lines: Vec<u64> =
        report["findings"].as_array().expect("a list").iter().filter_map(|f| f["start"]["line"].as_u64()).collect();
    assert_eq!(lines, [4, 5]);
}

#[test]
fn a_policy_without_a_configuration_points_at_the_first_manifest() {
    let folder = project(&[
        ("overexposed.toml", "[deploy]\nscrape = [\"web:8000\"]\n"),
        ("k8s/a.yaml", "# all\n---\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"),
    ]);
    let report = check(folder.path());
    let finding = &report["findings"][0];
    assert_eq!((finding["rule"].as_str(), finding["start"]["line"].as_u64()), (Some("missing-scrape-target"), Some(1)));
}

#[test]
fn hostile_files_cost_nothing() {
    let deep = format!("kind: x\na: {}", "[".repeat(50_000));
    let laughs: String = (1..40).map(|n| format!("a{n}: &a{n} [{}]\n", format!("*a{}, ", n - 1).repeat(9))).collect();
    let laughs = format!("kind: x\na0: &a0 [1]\n{laughs}");
    let braces = format!("server {{\n listen 80;\n{}", "location / {".repeat(50_000));
    let parens = format!("{{\"panels\": [{{\"expr\": \"{}\"}}]}}", "(".repeat(50_000));
    let folder = project(&[
        ("a.yaml", deep.as_str()),
        ("b.yaml", laughs.as_str()),
        ("c.conf", braces.as_str()),
        ("d.json", parens.as_str()),
        ("e.yaml", "kind: {{ if }}\n{{- \"}}\"\n\u{0}\u{1}: |\n"),
    ]);
    let report = check(folder.path());
    assert_eq!(report["errors"], serde_json::json!([]));
}
