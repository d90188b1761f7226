//! What is found in texts, and what only looks like it.

use super::*;
use crate::knowledge::Knowledge;

fn found(text: &str, place: Place) -> Vec<String> {
    let mut hits = Vec::new();
    scan(text.as_bytes(), place, Knowledge::builtin().lexicon(), &mut hits);
    hits.iter().map(|hit| hit.what.to_owned()).collect()
}

fn prose() -> Place {
    Place { prose: true, ..Place::default() }
}

#[test]
fn planted_secrets_are_found() {
    for (text, what) in [
        ("4111111111111111", "a card number"),
        ("5105 1051 0510 5100", "a card number"),
        ("3782-822463-10005", "a card number"),
        ("2223003122003222", "a card number"),
        ("card_6011111111111117_seen", "a card number"),
        ("paid with 30569309025904.", "a card number"),
        ("6250941006528599", "a card number"),
        ("DE89370400440532013000", "an IBAN"),
        ("GB29 NWBK 6016 1331 9268 19", "an IBAN"),
        ("to fr1420041010050500013m02606", "an IBAN"),
        ("kate@example.com", "an e-mail address"),
        ("/users/kate.o-neil+x@mail.example.co.uk/edit", "an e-mail address"),
        ("mailto:kate@example.org", "an e-mail address"),
        ("?email=kate%40example.com", "an e-mail address"),
        (
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
            "a JSON web token",
        ),
        ("ghp_1aB2cD3eF4gH5iJ6kL7mN8oP9qR0sT1uV2w3", "a GitHub token"),
        ("AKIAIOSFODNN7ABCDEFG", "an AWS access key"),
        ("AKIAIOSFODNN7EXAMPLE", "an AWS access key"),
        ("key sk_live_4eC39HqLyjWDarjtT1zdp7dc used", "a Stripe key"),
        ("-----BEGIN RSA PRIVATE KEY-----\\nMIIE", "a private key"),
        ("$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW", "the hash of a password"),
        ("pbkdf2_sha256$600000$salt$uvxA8lkqv0VXl2eXnJHhJg3bL5c=", "the hash of a password"),
        ("postgres://app:s3cret@db.internal:5432/shop", "a password in an address"),
        ("Basic YWRhOnN1bW1lcg==", "the user and password of a header"),
        ("Authorization: Bearer 8f14e45fceea167a5a36dedd4bea2543", "a token of a header"),
        ("q=1&password=hunter2", "a password"),
        ("{\\\"user\\\": 1, \\\"password\\\": \\\"summer\\\"}", "a password"),
        ("sessionid=k3jd8s7fhq2lmz0x; theme=dark", "a session id"),
        ("wrong password hunter2 for kate", "a password"),
        ("password: Tr0ub4dor&3", "a password"),
        ("+49 170 1234567", "a phone number"),
        ("call +12025550143 now", "a phone number"),
        ("219-09-9999", "a social security number"),
        ("203.0.113.7", "an IP address"),
        ("blocked 198.51.100.23:51820", "an IP address"),
        ("2001:db8:85a3::8a2e:370:7334", "an IP address"),
    ] {
        assert!(found(text, prose()).iter().any(|hit| hit == what), "{text}: {:?}", found(text, prose()));
    }
}

const LOOK_ALIKES: &[&str] = &[
    "4111111111111112",
    "41111111111111110000",
    "a4111111111111111",
    "0.5309136012499991",
    "1.4111111111111111",
    "1732486212000",
    "1732486212000000",
    "1732486212000000000",
    "20241124223015",
    "9007199254740993",
    "0000000000000000",
    "4444444444444444",
    "550e8400-e29b-41d4-a716-446655440000",
    "d41d8cd98f00b204e9800998ecf8427e",
    "DE89370400440532013001",
    "user@1000.service",
    "getty@tty1.service",
    "logo@2x.png",
    "git@github.com:org/repo.git",
    "rabbit@rabbit-1",
    "k***@example.com",
    "***@example.com",
    "xxxx@example.com",
    "noreply@example.com",
    "module@v1.2.3",
    "ssh://deploy@build.example.com/x",
    "https://***:***@example.com/x@y",
    "1.2.3.4",
    "10.0.19041.1",
    "10.0.0.1",
    "192.168.1.17:8080",
    "127.0.0.1",
    "http://203.0.113.7:9090/metrics",
    "203.0.113.0/24",
    "198.51.100.0",
    "v4.18.203.17-rc1",
    "::1",
    "fe80::1",
    "std::vec::Vec",
    "12:34:56",
    "00:1b:44:11:3a:b7",
    "+0200",
    "1.0.0+20241124223015",
    "2024-11-24",
    "eyJ.not.atoken",
    "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "password_reset",
    "password=***",
    "password={{ password }}",
    "password=$1",
    "token_type=bearer",
    "urn:password:reset",
    "password hash argon2id",
    "password with 256-bit salt",
    "Number of passwords changed since 2023",
    "authorization header missing",
    "/accounts/password/reset/",
    "SELECT * FROM users WHERE email = ?",
    "GET /login",
    "Mozilla",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "basic plan for everybody",
    "Content-Type: application/json; charset=utf-8",
    "a:b=c",
    "region=eu-central-1,zone=b",
];

#[test]
fn look_alikes_are_silent() {
    for text in LOOK_ALIKES {
        assert!(found(text, prose()).is_empty(), "{text}: {:?}", found(text, prose()));
    }
}

#[test]
fn places_say_what_is_not_worth_looking_for() {
    let machine = Place { machine: true, no_address: true, ..Place::default() };
    assert!(found("rabbit@node-1.example.com", machine).is_empty());
    assert!(found("203.0.113.7:8080", machine).is_empty());
    assert_eq!(found("10.1.2.3", Place { client: true, ..Place::default() }), ["an IP address"]);
    assert!(found("4111111111111111", Place { id: true, ..Place::default() }).is_empty());
}

#[test]
fn values_say_something_or_nothing() {
    for value in ["", "true", "missing", "bcrypt", "sha-256", "too short", "-", "N/A"] {
        assert!(is_harmless(value.as_bytes()), "{value}");
    }
    for value in ["summer", "hunter2", "k-771-b", "kate"] {
        assert!(!is_harmless(value.as_bytes()) && !is_masked(value.as_bytes()), "{value}");
    }
    for value in [
        "***",
        "****1111",
        "411111******1111",
        "XXXX-XXXX-XXXX-1111",
        "[REDACTED]",
        "<hidden>",
        "masked",
        "${TOKEN}",
        "k***@example.com",
        "redacted:12",
        "…",
        "•••",
        "{token}",
        "xxx",
    ] {
        assert!(is_masked(value.as_bytes()), "{value}");
    }
    for value in
        ["9f86d081884c7d65", "550e8400-e29b-41d4-a716-446655440000", "k3jd8s7fhq2lmz0x", "Zx9-_3kQ7pLm2Rt8Ws5v"]
    {
        assert!(is_random(value.as_bytes()), "{value}");
    }
    for value in ["2024-autumn-semester", "user-1000.slice", "completion", "aaaaaaaaaaaaaaaa1", "1234567890123456"] {
        assert!(!is_random(value.as_bytes()), "{value}");
    }
}

#[test]
fn hostile_texts_end() {
    for part in ["a@", "a=", "eyJ.", "sk-proj-", "://a:b@", "+1", "password ", "1.", ":", "\\", "%4", "Basic ", "4111-"]
    {
        let text = part.repeat(40_000 / part.len());
        let mut hits = Vec::new();
        scan(text.as_bytes(), prose(), Knowledge::builtin().lexicon(), &mut hits);
        assert!(hits.iter().all(|hit| hit.end <= text.len()), "{part}");
    }
}
