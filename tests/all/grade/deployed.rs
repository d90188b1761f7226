//! Whether Prometheus was deployed, and what it scrapes.

use std::fs;

use super::{grade, of, points, submissions};

const CONFIG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: prometheus-server\ndata:\n  prometheus.yml: |\n    scrape_configs:\n    - job_name: site\n      static_configs:\n      - targets: ['proxy-service:8080']\n";

/// Submission, files beside the code, points.
type Row<'t> = (&'t str, &'t [(&'t str, &'t str)], [f64; 3]);

#[test]
fn what_is_scraped_earns_points() {
    let own = CONFIG.replace("proxy-service:8080", "localhost:9090");
    let broken = CONFIG.replace("    - job_name: site\n", "    - job_name: site\n   broken: [\n");
    let prose = "I edited the ConfigMap so that it says proxy-service:8080, and restarted the pod.\n";
    let chart = "helm repo add stable https://charts.helm.sh/stable\nhelm install prom stable/prometheus\n";
    // Submission, files beside the code, configuration, target, chart.
    let table: &[Row<'_>] = &[
        ("none", &[], [0.0, 0.0, 0.0]),
        ("right", &[("k8/prometheus-server", CONFIG)], [3.0, 5.0, 2.0]),
        ("own", &[("prometheus.yaml", &own)], [3.0, 0.0, 2.0]),
        ("broken", &[("prometheus.yaml", &broken)], [1.5, 2.5, 2.0]),
        ("prose", &[("Prometheus.txt", prose)], [0.0, 1.0, 2.0]),
        ("handout", &[("README.md", prose)], [0.0, 0.0, 0.0]),
        ("retired", &[("prometheus.yaml", CONFIG), ("install.sh", chart)], [3.0, 5.0, 0.0]),
    ];
    let names: Vec<(&str, &str)> = table.iter().map(|(name, ..)| (*name, "solved")).collect();
    let folder = submissions(&names);
    for (name, files, _) in table {
        for (path, text) in *files {
            let path = folder.path().join("all").join(name).join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
    }
    let value = grade(folder.path(), &[]);
    for (name, _, wanted) in table {
        let ids = ["scrape-config", "scrape-target", "chart"];
        assert_eq!(ids.map(|id| points(&value, name, id)), *wanted, "{name}");
    }
    let right = &of(&value, "right")["marks"][6]["reasons"][0]["places"][0];
    assert_eq!((&right["path"], &right["line"]), (&"all/right/k8/prometheus-server".into(), &10.into()));
    assert!(of(&value, "prose")["flags"].to_string().contains("only written about"));
}
