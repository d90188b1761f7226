//! What nobody should hand in: it costs that submission only, nothing is written, and a person is told.

use std::fs;

use super::intake::{gz, tar, zip};
use super::{grade, of, submissions};
use crate::submissions::Table;

fn views() -> Vec<u8> {
    let table = Table::read();
    let solved = table.variant.iter().find(|variant| variant.name == "solved").expect("a variant");
    table.text(solved).into_bytes()
}

fn named(name: &str, bytes: &[u8]) -> (String, Vec<u8>) {
    (name.to_owned(), bytes.to_vec())
}

fn problems(value: &serde_json::Value, submission: &str) -> String {
    of(value, submission)["problems"].to_string()
}

#[test]
fn archives_stay_inside_and_small() {
    let folder = submissions(&[("good", "solved")]);
    let all = folder.path().join("all");
    let bomb = vec![0; 40 << 20];
    let traverse = [
        named("../../evil.py", b"x"),
        named("/etc/evil.py", b"x"),
        named("a-link", b"/etc/passwd"),
        named("shop/views.py", &views()),
    ];
    fs::write(all.join("traverse.zip"), zip(&traverse)).expect("a file");
    fs::write(all.join("bomb.zip"), zip(&[named("a.py", &bomb), named("shop/views.py", &views())])).expect("a file");
    let entries = [
        ("../evil.py".to_owned(), b"x".to_vec(), b'0'),
        ("null".to_owned(), Vec::new(), b'3'),
        ("link".to_owned(), Vec::new(), b'2'),
        ("shop/views.py".to_owned(), views(), b'0'),
    ];
    fs::write(all.join("tar.tar.gz"), gz(&tar(&entries))).expect("a file");
    fs::write(all.join("broken.zip"), "PK\u{3}\u{4} no").expect("a file");
    fs::write(all.join("empty.tar.gz"), "").expect("a file");
    let mut nest = zip(&[named("views.py", &views())]);
    for _ in 0..6 {
        nest = zip(&[named("in.zip", &nest)]);
    }
    fs::write(all.join("nest.zip"), nest).expect("a file");
    let value = grade(folder.path(), &[]);
    for submission in ["good", "traverse", "bomb", "tar"] {
        assert_eq!(of(&value, submission)["marks"][0]["points"], 5.0, "{submission}");
    }
    for (submission, told) in [
        ("traverse", "points outside"),
        ("traverse", "is a link"),
        ("bomb", "larger than 16 MiB"),
        ("tar", "points outside"),
        ("tar", "neither a file nor a folder"),
        ("broken", "broken one"),
        ("empty", "is empty"),
        ("nest", "archives inside of each other"),
    ] {
        assert!(problems(&value, submission).contains(told), "{submission}: {}", problems(&value, submission));
    }
    let unjudged = of(&value, "broken");
    assert!(unjudged["marks"][0]["outcome"] == "unjudged" && !unjudged["flags"].as_array().expect("a list").is_empty());
    let around: Vec<_> = fs::read_dir(folder.path()).expect("a folder").filter_map(Result::ok).collect();
    assert_eq!(around.len(), 1, "nothing is written: {around:?}");
}

#[cfg(unix)]
#[test]
fn folders_are_not_left_by_links() {
    use std::os::unix::fs::symlink;
    let folder = submissions(&[("ada", "solved"), ("bo", "solved"), ("cy", "solved")]);
    let all = folder.path().join("all");
    symlink("/etc/passwd", all.join("ada/secret.py")).expect("a link");
    symlink("..", all.join("ada/loop")).expect("a link");
    symlink("/etc", all.join("outside")).expect("a link");
    fs::write(all.join("ada/bad\u{1b}[31m\n=x.txt"), "x").expect("a file");
    let large = fs::File::create(all.join("ada/huge.py")).expect("a file");
    large.set_len(1 << 30).expect("a sparse file");
    let brackets = format!("import prometheus_client\nx = {}{}\n", "[".repeat(100_000), "]".repeat(100_000));
    fs::write(all.join("bo/shop/brackets.py"), brackets).expect("a file");
    let mut bytes = views();
    bytes.extend(b"# caf\xe9\n");
    fs::write(all.join("cy/shop/views.py"), bytes).expect("a file");
    let value = grade(folder.path(), &[]);
    for submission in ["ada", "bo", "cy"] {
        assert_eq!(of(&value, submission)["points"], 10.0, "{submission}");
    }
    let told = problems(&value, "ada");
    for part in ["secret.py", "is a link", "control characters", "larger than 16 MiB"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(problems(&value, "cy").contains("not UTF-8"));
    assert!(value["errors"].to_string().contains("all/outside"));
}

#[test]
fn a_repository_has_no_say_in_how_it_is_read() {
    let folder = submissions(&[("plain", "solved")]);
    let all = folder.path().join("all");
    let script = "git init -q . && git add -A && git -c user.name=n -c user.email=e commit -qm x && git clone -q --bare . ../bare.git && rm -rf .git && cp -r ../bare.git ../alternate.git";
    let made = std::process::Command::new("sh").args(["-c", script]).current_dir(all.join("plain")).status();
    assert!(made.is_ok_and(|status| status.success()), "git makes a repository");
    let run = format!("touch {}", folder.path().join("PWNED").display());
    let config = format!(
        "[core]\n\tbare = true\n\tfsmonitor = {run}\n\tsshCommand = {run}\n\tpager = {run}\n[alias]\n\tls-tree = !{run}\n"
    );
    fs::write(all.join("bare.git/config"), config).expect("a file");
    fs::create_dir_all(all.join("alternate.git/objects/info")).expect("a folder");
    fs::write(all.join("alternate.git/objects/info/alternates"), "/elsewhere\n").expect("a file");
    let value = grade(folder.path(), &[]);
    assert_eq!(of(&value, "bare")["points"], 10.0, "{}", problems(&value, "bare"));
    assert!(problems(&value, "alternate").contains("borrows objects"));
    assert!(!folder.path().join("PWNED").exists());
}
