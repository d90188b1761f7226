//! What course platforms export.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};

use super::{grade, of, points, submissions};
use crate::support::files;

/// All files of a folder: path inside, bytes.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let all = files(folder, &["py", "html", "txt"]);
    let inside = |file: &Path| file.strip_prefix(folder).expect("inside").to_string_lossy().into_owned();
    all.iter().map(|file| (inside(file), fs::read(file).expect("a file"))).collect()
}

/// A .zip with these files; entries may claim what they like.
pub(super) fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let mut packer = DeflateEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(bytes).expect("memory");
        let packed = packer.finish().expect("memory");
        let offset = out.len() as u32;
        let sizes = [(packed.len() as u32).to_le_bytes(), (bytes.len() as u32).to_le_bytes()].concat();
        let length = (name.len() as u16).to_le_bytes();
        out.extend(
            [
                b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0".as_slice(),
                &sizes,
                &length,
                &[0; 2],
                name.as_bytes(),
                &packed,
            ]
            .concat(),
        );
        directory.extend(
            [b"PK\x01\x02\x14\x03\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0".as_slice(), &sizes, &length, &[0; 8]].concat(),
        );
        let mode: u32 = if name.ends_with("-link") { 0o120_777 } else { 0o100_644 };
        directory.extend([(mode << 16).to_le_bytes(), offset.to_le_bytes()].concat());
        directory.extend(name.as_bytes());
    }
    let (start, size, count) = (out.len() as u32, directory.len() as u32, files.len() as u16);
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    out.extend([size.to_le_bytes(), start.to_le_bytes()].concat());
    out.extend([0; 2]);
    out
}

/// A .tar with these files; the last byte of a kind is the type.
pub(super) fn tar(files: &[(String, Vec<u8>, u8)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, bytes, kind) in files {
        let mut head = [0_u8; 512];
        head[..name.len()].copy_from_slice(name.as_bytes());
        head[100..107].copy_from_slice(b"0000644");
        head[124..135].copy_from_slice(format!("{:011o}", bytes.len()).as_bytes());
        head[148..156].copy_from_slice(b"        ");
        head[156] = *kind;
        head[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
        head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        out.extend(head);
        out.extend(bytes);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.extend([0; 1024]);
    out
}

pub(super) fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(bytes).expect("memory");
    packer.finish().expect("memory")
}

#[test]
fn archives_and_repositories_are_read_where_they_lie() {
    let folder = submissions(&[("plain", "five of six")]);
    let all = folder.path().join("all");
    let inside = contents(&all.join("plain"));
    let deep: Vec<_> = inside.iter().map(|(name, bytes)| (format!("me/hw3/{name}"), bytes.clone())).collect();
    fs::write(all.join("zipped.zip"), zip(&deep)).expect("a file");
    let files: Vec<_> = deep.iter().map(|(name, bytes)| (name.clone(), bytes.clone(), b'0')).collect();
    fs::write(all.join("packed.tar.gz"), gz(&tar(&files))).expect("a file");
    fs::create_dir(all.join("nested")).expect("a folder");
    fs::write(all.join("nested/homework.zip"), zip(&deep)).expect("a file");
    let script = "git init -q . && git add -A && git -c user.name=n -c user.email=e commit -qm x && git clone -q --bare . ../bare.git && rm -rf .git";
    let made = Command::new("sh").args(["-c", script]).current_dir(all.join("plain")).status();
    assert!(made.is_ok_and(|status| status.success()), "git makes a repository");
    let value = grade(folder.path(), &[]);
    for submission in ["plain", "zipped", "packed", "nested", "bare"] {
        assert_eq!(of(&value, submission)["points"], 9.5, "{submission}: {}", of(&value, submission)["problems"]);
        assert_eq!(points(&value, submission, "counted"), 2.5);
    }
    assert_eq!(of(&value, "zipped")["copies"][0]["path"], "all/zipped.zip/me/hw3/shop/views.py");
    assert_eq!(of(&value, "nested")["copies"][0]["path"], "all/nested/homework.zip/me/hw3/shop/views.py");
}

#[test]
fn an_export_of_gradescope_names_its_students() {
    let folder = submissions(&[
        ("assignment_7_export/submission_11", "solved"),
        ("assignment_7_export/submission_12", "five of six"),
    ]);
    let metadata = "---\nsubmission_11:\n  :submitters:\n  - :name: Ada Lane\n    :sid: '0042'\n    :email: ada@uni.example\n  :created_at: x\nsubmission_12:\n  :submitters:\n  - :name: Bo Brook\n";
    fs::write(folder.path().join("all/assignment_7_export/submission_metadata.yml"), metadata).expect("a file");
    let value = grade(folder.path(), &[]);
    assert_eq!(of(&value, "submission_11")["students"][0]["name"], "Ada Lane");
    assert_eq!(of(&value, "submission_11")["students"][0]["id"], "0042");
    assert_eq!(of(&value, "submission_12")["students"][0]["name"], "Bo Brook");
    assert_eq!(of(&value, "submission_12")["points"], 9.5);
}

#[test]
fn names_of_moodle_and_canvas_are_understood() {
    let folder = submissions(&[
        ("Ada Lane_4711_assignsubmission_file_", "solved"),
        ("keep/one", "five of six"),
        ("keep/two", "solved"),
    ]);
    let all = folder.path().join("all");
    let (one, two) = (zip(&contents(&all.join("keep/one"))), zip(&contents(&all.join("keep/two"))));
    fs::remove_dir_all(all.join("keep")).expect("a folder");
    fs::write(all.join("Bo Brook_4712_assignsubmission_file_hw3.zip"), &one).expect("a file");
    // The second attempt is graded.
    fs::write(all.join("coxcy_811_9001_hw3.zip"), &one).expect("a file");
    fs::write(all.join("coxcy_LATE_811_9002_hw3-1.zip"), &two).expect("a file");
    fs::write(all.join("notes.docx"), "x").expect("a file");
    let value = grade(folder.path(), &[]);
    assert_eq!(of(&value, "Ada Lane_4711")["points"], 10.0);
    assert_eq!(of(&value, "Bo Brook_4712")["points"], 9.5);
    let cy = of(&value, "coxcy_811");
    assert_eq!(
        (&cy["points"], &cy["late"], &cy["earlier"][0]),
        (&10.0.into(), &true.into(), &"coxcy_811_9001_hw3.zip".into())
    );
    assert_eq!(value["submissions"].as_array().map(Vec::len), Some(3));
    assert_eq!(value["errors"][0]["path"], "all/notes.docx");
}

#[test]
fn clones_of_github_classroom_are_found_below_their_folder() {
    let folder = submissions(&[("hw3-submissions/hw3-adalane", "solved"), ("hw3-submissions/hw3-bo", "five of six")]);
    let value = grade(folder.path(), &[]);
    assert_eq!(of(&value, "hw3-adalane")["students"][0]["name"], "adalane");
    assert_eq!(of(&value, "hw3-bo")["points"], 9.5);
}
