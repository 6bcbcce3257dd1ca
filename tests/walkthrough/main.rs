//! The walk through the API in docs/API.md, taken step by step. Each step needs what those before it left behind.

use std::io::Write as _;
use std::process::{Command, Stdio};

use reqwest::StatusCode;
use users_contract::story::{self, Action, Answer, PASSWORD, Request, Walk};
use users_tests::{Service, environment};

#[tokio::test]
async fn every_step_of_the_walk_has_the_answer_that_the_documentation_shows() {
    let text = std::fs::read_to_string(environment().root().join("docs/API.md")).expect("there is a walk");
    let service = Service::start().await;
    let made = service.database().usersctl(&["setup-rbac"]);
    assert!(made.contains("made role user\n"), "expected a role for everybody: {made}");
    let mut walk = Walk::default();
    for step in story::steps(&text) {
        let action = walk.action(&step).unwrap_or_else(|error| panic!("{error}"));
        let compared = match action {
            Action::Request(request) => walk.check(&step, &send(&service, request).await),
            Action::ReadMail => walk.check_output(&step, &story::mail(&service.mail_as_printed().await)),
            Action::CreateAdmin(email) => walk.check_output(&step, &create_admin(&service, &email)),
        };
        compared.unwrap_or_else(|difference| panic!("{difference}"));
    }
}

async fn send(service: &Service, request: Request) -> Answer {
    let mut call = service.request(&request.method, &request.path);
    for (name, value) in &request.headers {
        call = call.header(name, value);
    }
    if let Some(body) = request.body {
        call = call.untyped_body(body);
    }
    let answer = call.send().await;
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let headers = answer.headers.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes())));
    let status = StatusCode::from_u16(answer.status).expect("a status has three digits").to_string();
    Answer { status, headers: headers.collect(), body: answer.body.clone() }
}

/// As an operator makes an administrator: with a password that is typed.
fn create_admin(service: &Service, email: &str) -> String {
    let mut child = Command::new(&environment().ctl)
        .args(["create-admin", email, "--password-stdin"])
        .env("DATABASE_URL", service.database().url())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("usersctl can be run");
    writeln!(child.stdin.take().expect("it is piped"), "{PASSWORD}").expect("usersctl reads the password");
    let output = child.wait_with_output().expect("usersctl ends");
    assert!(output.status.success(), "expected an administrator");
    String::from_utf8(output.stdout).expect("usersctl prints text")
}
