//! Texts of every kind, and deep or wide bodies.

use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use users_tests::{assert_problem, pointers};

use crate::support::{Fixture, assert_holds};

/// Texts that a faulty service could damage.
const TEXTS: [&str; 24] = [
    "",
    " ",
    "  blanks around  ",
    "Zoë Łukasiewicz – “quoted” ‘text’ … naïve ﬁ",
    "Δημήτρης Ελλάδα",
    "Привет, мир; Київ",
    "שלום עולם",
    "مرحبا بالعالم",
    "नमस्ते दुनिया",
    "স্বাগতম",
    "தமிழ் ಕನ್ನಡ తెలుగు മലയാളം",
    "สวัสดีชาวโลก ລາວ ខ្មែរ မြန်မာ",
    "你好世界 繁體字 𠜎𠜱",
    "こんにちは カタカナ ｶﾀｶﾅ",
    "안녕하세요 \u{1112}\u{1161}\u{11ab}",
    "ሰላም ᏣᎳᎩ ᓀᐦᐃᔭᐍᐏᐣ ქართული Հայերեն བོད་སྐད",
    "👩🏽‍💻 🇺🇳 🏴󠁧󠁢󠁳󠁣󠁴󠁿 ❤️ 🦀",
    "e\u{301} é z\u{335}\u{322}\u{327}\u{321}",
    "\u{202e}right to left\u{202c} \u{200b}\u{200d}\u{feff}\u{2060}",
    "\u{10ffff} \u{e000} \u{fffd} \u{fffe} \u{85}\u{a0}\u{2028}\u{2029}\u{7f}",
    r#"it's "quoted" `so` \ / \\ \n \u0000 %00 %s {} $1 $$"#,
    "'; DROP TABLE profiles; -- <script>alert(1)</script> &amp;",
    "null",
    "line\nline\r\nline\ttab\u{b}\u{c}\u{8}",
];

/// The characters U+0001 to U+001F.
fn controls() -> String {
    ('\u{1}'..='\u{1f}').collect()
}

#[tokio::test]
async fn a_phone_number_keeps_the_spaces_and_dashes_of_other_programs() {
    let fixture = Fixture::start().await;
    for separator in
        ["\u{a0}", "\u{2007}", "\u{202f}", "\u{2010}", "\u{2011}", "\u{2013}", "\u{2015}", "\u{2212}"]
    {
        let number = format!("+44{separator}20{separator}7946{separator}0958");
        let saved = fixture.put("/profile/", &json!({"phone_number": number})).await.expect(200);
        assert_eq!(saved.json()["phone_number"], number, "{separator:?}");
        assert_eq!(fixture.service.sql("SELECT phone_number FROM profiles").await, [number]);
    }
    let invisible = fixture.put("/profile/", &json!({"phone_number": "+44\u{200b}20 7946"})).await;
    assert_eq!(pointers(&invisible), ["/phone_number"]);
}

#[tokio::test]
async fn text_of_every_script_is_returned_as_sent() {
    let fixture = Fixture::start().await;
    for text in TEXTS.into_iter().map(str::to_owned).chain([controls()]) {
        let sent = json!({"full_name": text, "bio": text, "location": text});
        let answer = fixture.put("/profile/", &sent).await.expect(200);
        assert_holds(&answer.json(), &sent);
        assert_holds(&fixture.profile().await, &sent);
    }
}

#[tokio::test]
async fn text_in_preferences_is_returned_as_sent() {
    let fixture = Fixture::start().await;
    for text in TEXTS.into_iter().map(str::to_owned).chain([controls()]) {
        let sent = json!({"value": text, format!("key {text}"): [text, {text.clone(): text}]});
        assert_eq!(fixture.put("/profile/preferences", &sent).await.expect(200).json(), sent);
        assert_eq!(fixture.preferences().await, sent);
        let mut removed = json!({});
        removed[format!("key {text}")] = Value::Null;
        let rest = fixture.put("/profile/preferences", &removed).await.expect(200).json();
        assert_eq!(rest, json!({"value": text}), "expected the key to be found again");
    }
}

#[tokio::test]
async fn every_control_character_is_returned_as_sent() {
    let fixture = Fixture::start().await;
    for control in '\u{1}'..='\u{1f}' {
        let sent = json!({"bio": control, "preferences": {"x": control}});
        assert_holds(&fixture.put("/profile/", &sent).await.expect(200).json(), &sent);
        assert_holds(&fixture.profile().await, &sent);
    }
}

#[tokio::test]
async fn a_returned_profile_is_accepted_unchanged() {
    let fixture = Fixture::start().await;
    let sent = json!({
        "full_name": TEXTS[16], "bio": TEXTS[19], "location": controls(), "website": "https://例子.测试/路径?x='\"",
        "avatar_url": "http://[2001:db8::1]:8080/x", "phone_number": "+[49] (30) 1.2-3", "birth_date": "1904-02-29",
        "preferences": {"x": TEXTS},
    });
    let first = fixture.post(&sent).await.expect(201).json();
    assert_holds(&first, &sent);
    let again = fixture.put("/profile/", &first).await.expect(200).json();
    assert_holds(&again, &sent);
}

#[tokio::test]
async fn a_nul_character_is_refused_in_every_text() {
    let fixture = Fixture::start().await;
    let nul = "a\0b";
    let before = fixture.everything().await;
    for field in ["full_name", "bio", "avatar_url", "location", "website", "phone_number", "birth_date"] {
        let mut body = json!({});
        body[field] = nul.into();
        assert_eq!(pointers(&fixture.post(&body).await), [format!("/{field}")]);
        assert_eq!(pointers(&fixture.put("/profile/", &body).await), [format!("/{field}")]);
    }
    for bad in [
        json!({"x": nul}),
        json!({nul: 1}),
        json!({nul: null}),
        json!({"x": [{"y": [nul]}]}),
        json!({"x": {nul: 1}}),
    ] {
        let answer = fixture.put("/profile/preferences", &bad).await;
        assert_problem(&answer, 422, "validation_failed");
        let answer = fixture.put("/profile/", &json!({"preferences": bad})).await;
        assert_problem(&answer, 422, "validation_failed");
    }
    assert_eq!(fixture.everything().await, before, "expected nothing to change");
}

#[tokio::test]
async fn invalid_unicode_is_malformed() {
    let fixture = Fixture::start().await;
    for bad in [&b"{\"bio\":\"\xff\"}"[..], b"{\"bio\":\"\\ud800\"}", b"{\"bio\":\"\xed\xa0\x80\"}"] {
        let answer = fixture.ask("PUT", "/profile/").body("application/json", bad).send().await;
        assert!([400, 422].contains(&answer.status), "expected a refusal: {answer:#?}");
    }
    assert_eq!(fixture.profile().await["bio"], Value::Null);
}

#[tokio::test]
async fn a_body_of_a_thousand_levels_is_refused() {
    let fixture = Fixture::start().await;
    let before = fixture.everything().await;
    let arrays = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
    let objects = format!("{}1{}", "{\"x\":".repeat(1000), "}".repeat(1000));
    for deep in [arrays, objects] {
        for (method, path, body) in [
            ("POST", "/profile/", deep.clone()),
            ("PUT", "/profile/", deep.clone()),
            ("PUT", "/profile/preferences", deep.clone()),
            ("PUT", "/profile/", format!("{{\"bio\":{deep}}}")),
            ("PUT", "/profile/", format!("{{\"other\":{deep}}}")),
            ("PUT", "/profile/", format!("{{\"preferences\":{{\"x\":{deep}}}}}")),
            ("PUT", "/profile/preferences", format!("{{\"x\":{deep}}}")),
        ] {
            let answer = fixture.ask(method, path).body("application/json", body).send().await;
            match answer.status {
                400 => assert_problem(&answer, 400, "malformed_body"),
                _ => assert_problem(&answer, 422, "validation_failed"),
            }
        }
    }
    assert_eq!(fixture.everything().await, before, "expected nothing to change");
    fixture.put("/profile/", &json!({"bio": "alive"})).await.expect(200);
}

#[tokio::test]
async fn a_hundred_levels_are_returned_as_sent() {
    let fixture = Fixture::start().await;
    let deep =
        (0..100).fold(json!(1), |inner, n| if n % 2 == 0 { json!([inner]) } else { json!({"x": inner}) });
    let sent = json!({"deep": deep});
    assert_eq!(fixture.put("/profile/preferences", &sent).await.expect(200).json(), sent);
    assert_eq!(fixture.preferences().await, sent);
    assert_eq!(fixture.profile().await["preferences"], sent);
}

#[tokio::test]
async fn deeper_preferences_are_refused_and_nothing_changes() {
    let fixture = Fixture::start().await;
    fixture.put("/profile/preferences", &json!({"x": 1})).await.expect(200);
    for levels in 101..=126 {
        let value = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        let send =
            |path: &'static str, body: String| fixture.ask("PUT", path).body("application/json", body).send();
        assert_eq!(
            pointers(&send("/profile/preferences", format!("{{\"x\":{value}}}")).await),
            [""],
            "{levels}"
        );
        let within = send("/profile/", format!("{{\"preferences\":{{\"x\":{value}}}}}")).await;
        if levels < 126 {
            assert_eq!(pointers(&within), ["/preferences"], "{levels}");
        }
        assert_eq!(fixture.profile().await["preferences"], json!({"x": 1}), "{levels}");
    }
}

/// All pointers together would need a hundred megabytes.
#[tokio::test]
async fn errors_for_many_nuls_below_a_long_name_stay_small() {
    let fixture = Fixture::start().await;
    let body = format!("{{\"{}\":[{}\"\\u0000\"]}}", "k".repeat(20_000), "\"\\u0000\",".repeat(4_900));
    assert!((60 * 1024..64 * 1024).contains(&body.len()));
    for (method, path) in [("PUT", "/profile/preferences"), ("POST", "/auth/register")] {
        let started = Instant::now();
        let answer = fixture.ask(method, path).body("application/json", body.clone()).send().await;
        assert_problem(&answer, 422, "validation_failed");
        assert!(answer.body.len() < 256 * 1024, "{path}: {} octets", answer.body.len());
        assert!(started.elapsed() < Duration::from_secs(5), "{path} took {:?}", started.elapsed());
    }
}

#[tokio::test]
async fn a_wide_body_stays_within_the_limits() {
    let fixture = Fixture::start().await;
    let before = fixture.everything().await;
    let wide = |members: usize| {
        let members: Vec<String> = (0..members).map(|n| format!("\"{n}\":{n}")).collect();
        format!("{{{}}}", members.join(","))
    };
    let too_wide = wide(5000);
    assert!((48 * 1024..64 * 1024).contains(&too_wide.len()));
    let send =
        |path: &'static str, body: String| fixture.ask("PUT", path).body("application/json", body).send();
    assert_eq!(pointers(&send("/profile/preferences", too_wide.clone()).await), [""]);
    let nested = format!("{{\"preferences\":{too_wide}}}");
    assert_eq!(pointers(&send("/profile/", nested).await), ["/preferences"]);
    let list = format!("{{\"x\":[{}1]}}", "1,".repeat(30_000));
    assert_eq!(pointers(&send("/profile/preferences", list).await), [""]);
    assert_eq!(fixture.everything().await, before, "expected nothing to change");
    // The service ignores unknown members.
    send("/profile/", too_wide).await.expect(200);
    let kept = wide(1000);
    let answer = send("/profile/preferences", kept.clone()).await.expect(200);
    assert_eq!(answer.json(), serde_json::from_str::<Value>(&kept).unwrap());
}

#[tokio::test]
async fn thousands_of_nulls_remove_existing_keys_only() {
    let fixture = Fixture::start().await;
    let stored = async || {
        let rows = fixture.service.sql("SELECT preferences FROM profiles").await;
        serde_json::from_str::<Value>(&rows[0]).expect("the database gives JSON")
    };
    let keys: Vec<String> = (0..5000).map(|n| n.to_string()).collect();
    let nulls: Map<String, Value> = keys.iter().map(|key| (key.clone(), Value::Null)).collect();
    let nulls = Value::Object(nulls);
    assert!((48 * 1024..64 * 1024).contains(&nulls.to_string().len()));
    assert_eq!(fixture.put("/profile/preferences", &nulls).await.expect(200).json(), json!({}));
    assert_eq!(stored().await, json!({}), "expected no null to be kept");
    // The nulls remove most of the keys, but not all of them.
    let mut kept: Map<String, Value> = keys[..1000].iter().map(|key| (key.clone(), json!(1))).collect();
    let rest = json!({"theme": "dark", "-1": {"0": null}, "5000": 1, "00": ""});
    kept.extend(rest.as_object().expect("an object").clone());
    fixture.put("/profile/preferences", &kept.into()).await.expect(200);
    for path in ["/profile/preferences", "/profile/"] {
        let body = if path == "/profile/" { json!({"preferences": nulls}) } else { nulls.clone() };
        let answer = fixture.put(path, &body).await.expect(200).json();
        assert_eq!(if path == "/profile/" { &answer["preferences"] } else { &answer }, &rest);
        assert_eq!(stored().await, rest, "expected only the named keys to be removed");
    }
    // An invalid value is reported, and the service removes no key.
    let before = fixture.everything().await;
    let mut broken = nulls;
    broken["theme"] = "blue".into();
    broken["5000"] = Value::Null;
    assert_eq!(pointers(&fixture.put("/profile/preferences", &broken).await), ["/theme"]);
    assert_eq!(fixture.everything().await, before, "expected nothing to change");
    assert_eq!(fixture.preferences().await, rest);
}
