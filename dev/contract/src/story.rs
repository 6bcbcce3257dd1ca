//! The walk through the API in `docs/API.md`: commands and their answers.
//!
//! The test in `tests/walkthrough` and `cargo xtask demo` both run the walk. They send the requests. This module reads the commands
//! and compares the answers. In an answer, `…` stands for any text, and a time matches any time.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

/// The address of the service in the commands.
pub const BASE: &str = "http://127.0.0.1:3000";
/// The password of every account in the walk.
pub const PASSWORD: &str = "correct horse battery staple";
/// The command that creates an administrator. It asks for a password.
const CREATE_ADMIN: &str = "cargo xtask create-admin ";
/// The command whose terminal shows the lines that the worker prints: a line for each message.
const UP: &str = "cargo xtask up";
/// The beginning of each of these lines.
const MAIL: &str = "mail to ";
/// Stands for any text in an answer.
const ANYTHING: &str = "…";
/// The header fields that the document shows.
const SHOWN: [&str; 6] = ["location", "link", "x-total-count", "allow", "www-authenticate", "etag"];
/// The members whose values differ in each run or release, and the number of characters that the document shows.
const VARIABLE: [(&str, usize); 6] =
    [("access_token", 12), ("refresh_token", 0), ("request_id", 0), ("version", 0), ("kid", 0), ("x", 0)];
/// The maximum length of a body that the document shows, in octets.
const LONGEST: usize = 4000;

/// A command and its answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// The text before the command, in Markdown.
    pub prose: String,
    /// The command. A long command has several lines.
    pub command: String,
    /// The answer, as the document shows it.
    pub answer: String,
    /// The line number of the command, starting at 1.
    pub line: usize,
    /// The members or header fields to keep from the answer, and the names of their variables.
    kept: Vec<(String, String)>,
}

impl Step {
    fn difference(&self, answer: &str) -> String {
        format!("docs/API.md:{}: $ {}\nexpected\n{}\n\ngot\n{answer}", self.line, self.command, self.answer)
    }
}

/// The effect of a command.
#[derive(Debug, PartialEq, Eq)]
pub enum Action {
    /// The command sends a request.
    Request(Request),
    /// The command creates an administrator with this address.
    CreateAdmin(String),
    /// It shows the lines that the worker prints since the step like this before: one for each message.
    ReadMail,
}

/// A request.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The method in capitals.
    pub method: String,
    /// The path with the query.
    pub path: String,
    /// The header fields.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<String>,
}

/// An answer of the service.
#[derive(Debug, Default)]
pub struct Answer {
    /// The status, such as `200 OK`.
    pub status: String,
    /// The header fields, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

/// The values of the variables that commands use.
#[derive(Debug, Default)]
pub struct Walk {
    variables: BTreeMap<String, String>,
}

/// Reads the steps of a Markdown text: its `console` blocks. A sentence with “`etag` as `READ`” means that the previous answer's
/// `etag` is kept as the variable `READ`. Of a link, “`token` as `VERIFY`” keeps the parameter in its fragment.
#[must_use]
pub fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let (mut prose, mut is_console, mut is_command) = (String::new(), false, false);
    for (index, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            is_console = line == "```console";
        } else if !is_console {
            if let Some(last) = steps.last_mut() {
                last.kept.extend(kept(line));
            }
            prose.extend([line, "\n"]);
        } else if let Some(command) = line.strip_prefix("$ ") {
            let prose = std::mem::take(&mut prose).trim().to_owned();
            steps.push(Step { prose, command: command.to_owned(), line: index + 1, ..Step::default() });
            is_command = command.ends_with('\\');
        } else if let Some(last) = steps.last_mut() {
            let part = if is_command { &mut last.command } else { &mut last.answer };
            part.extend([if part.is_empty() { "" } else { "\n" }, line]);
            is_command &= line.ends_with('\\');
        }
    }
    for step in &mut steps {
        step.answer.truncate(step.answer.trim_end().len());
    }
    steps
}

/// Returns the text with new answers for some of its steps.
#[must_use]
pub fn with_answers(text: &str, answers: &[(&Step, String)]) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    // The last step comes first, so that the line numbers of the other steps stay right.
    for (step, answer) in answers.iter().rev() {
        let start = step.line - 1 + step.command.lines().count();
        lines.splice(start..start + step.answer.lines().count(), answer.lines());
    }
    lines.join("\n") + "\n"
}

/// Reads the pairs in “`access_token` as `TOKEN`”.
fn kept(line: &str) -> impl Iterator<Item = (String, String)> {
    let parts: Vec<&str> = line.split('`').collect();
    let is_name = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let pairs = parts.windows(3).filter(|it| it[1] == " as " && is_name(it[2]));
    pairs.map(|it| (it[0].to_owned(), it[2].to_owned())).collect::<Vec<_>>().into_iter()
}

/// Compares the walk with an extract in another text. Returns a sentence for each fault.
#[must_use]
pub fn faults(walk: &str, extract: &str) -> Vec<String> {
    let all = steps(walk);
    let copied =
        |step: &Step| all.iter().any(|it| (&it.command, &it.answer) == (&step.command, &step.answer));
    steps(extract)
        .iter()
        .filter(|step| (step.command.starts_with("curl ") || step.command == UP) && !copied(step))
        .map(|step| format!("README.md:{} is not a step of docs/API.md: copy the step from there", step.line))
        .collect()
}

impl Walk {
    /// Parses the command of a step. Replaces the variables that are known so far.
    ///
    /// # Errors
    /// When the command is neither curl nor one of the two others, or when it has an unknown option.
    pub fn action(&self, step: &Step) -> Result<Action, String> {
        if let Some(email) = step.command.strip_prefix(CREATE_ADMIN) {
            return Ok(Action::CreateAdmin(email.to_owned()));
        }
        if step.command == UP {
            return Ok(Action::ReadMail);
        }
        let mut words = self.words(&step.command)?.into_iter();
        if words.next().as_deref() != Some("curl") {
            return Err(format!("docs/API.md:{}: neither curl nor {CREATE_ADMIN}nor {UP}", step.line));
        }
        let mut request = Request::default();
        while let Some(word) = words.next() {
            let mut next =
                || words.next().ok_or_else(|| format!("docs/API.md:{}: {word} needs a value", step.line));
            match word.as_str() {
                "-i" => {}
                "-X" => request.method = next()?,
                "-H" => {
                    let field = next()?;
                    let (name, value) =
                        field.split_once(": ").ok_or_else(|| format!("not a header: {field}"))?;
                    request.headers.push((name.to_lowercase(), value.to_owned()));
                }
                "-d" => request.add(&next()?),
                "--data-urlencode" => request.add(&encoded(&next()?)),
                url => match url.strip_prefix(BASE) {
                    Some(path) => request.path = path.to_owned(),
                    None => return Err(format!("docs/API.md:{}: curl's {url} is not known here", step.line)),
                },
            }
        }
        request.complete();
        Ok(Action::Request(request))
    }

    /// Compares an answer with the step's answer, and keeps the parts that later commands need.
    ///
    /// # Errors
    /// When the answers differ. The error contains both answers.
    pub fn check(&mut self, step: &Step, answer: &Answer) -> Result<(), String> {
        for (part, variable) in &step.kept {
            let value = answer.part(part).ok_or_else(|| format!("the answer has no {part}:\n{answer}"))?;
            self.variables.insert(variable.clone(), value);
        }
        let (head, body) = step.answer.split_once("\n\n").unwrap_or((step.answer.as_str(), ""));
        let mut lines = head.lines();
        let status = lines.next().unwrap_or_default().strip_prefix("HTTP/1.1 ");
        let has = |line: &str| {
            let field = line.split_once(": ");
            field.is_some_and(|(name, value)| answer.fields(name).any(|it| is_like(value, it)))
        };
        let is_as_shown = status == Some(answer.status.as_str()) && lines.all(has) && answer.has_body(body);
        if is_as_shown { Ok(()) } else { Err(step.difference(&answer.to_string())) }
    }

    /// Compares the output of a command that sends no request with the step's answer, and keeps the parameters of its link that later
    /// commands need.
    ///
    /// # Errors
    /// When the outputs differ. The error contains both outputs.
    pub fn check_output(&mut self, step: &Step, output: &str) -> Result<(), String> {
        for (part, variable) in &step.kept {
            let value =
                parameter(output, part).ok_or_else(|| format!("the output has no {part}:\n{output}"))?;
            self.variables.insert(variable.clone(), value);
        }
        if is_like(&step.answer, output.trim()) { Ok(()) } else { Err(step.difference(output)) }
    }

    /// Splits a command into words like a shell: with quotes, variables, and backslashes at the ends of lines.
    fn words(&self, command: &str) -> Result<Vec<String>, String> {
        let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
        let mut rest = command.chars().peekable();
        while let Some(c) = rest.next() {
            match (c, quote) {
                ('\'' | '"', None) => {
                    quote = Some(c);
                    word.get_or_insert_default();
                }
                (c, Some(open)) if c == open => quote = None,
                ('\\', None | Some('"')) => {
                    word.get_or_insert_default().extend(rest.next().filter(|c| *c != '\n'));
                }
                ('$', None | Some('"')) => {
                    let mut name = String::new();
                    while let Some(c) = rest.next_if(|c| c.is_ascii_uppercase() || *c == '_') {
                        name.push(c);
                    }
                    let value = self.variables.get(&name).cloned().unwrap_or(format!("${name}"));
                    word.get_or_insert_default().push_str(&value);
                }
                (c, None) if c.is_whitespace() => words.extend(word.take().filter(|it| !it.is_empty())),
                (c, _) => word.get_or_insert_default().push(c),
            }
        }
        words.extend(word);
        if quote.is_some() { Err(format!("a quote is not closed: {command}")) } else { Ok(words) }
    }
}

/// The lines of the worker's output that tell of messages.
#[must_use]
pub fn mail(output: &str) -> String {
    let lines: Vec<&str> = output.lines().filter(|line| line.starts_with(MAIL)).collect();
    lines.join("\n")
}

/// The text without the tokens of its links.
#[must_use]
pub fn without_tokens(text: &str) -> String {
    let hidden = |line: &str| match line.split_once("#token=") {
        Some((start, _)) => format!("{start}#token={ANYTHING}"),
        None => line.to_owned(),
    };
    text.lines().map(hidden).collect::<Vec<_>>().join("\n")
}

/// A parameter in the fragment of the only link in a text.
fn parameter(text: &str, name: &str) -> Option<String> {
    let fragment = text.split_whitespace().find_map(|word| word.split_once('#'))?.1;
    let mut parameters = fragment.split('&').filter_map(|it| it.split_once('='));
    parameters.find(|(it, _)| *it == name).map(|(_, value)| value.to_owned())
}

impl Request {
    /// Adds a part of the body, as `curl -d` does.
    fn add(&mut self, part: &str) {
        let body = self.body.get_or_insert_default();
        body.extend([if body.is_empty() { "" } else { "&" }, part]);
    }

    /// Adds the default method and media type of curl.
    fn complete(&mut self) {
        if self.method.is_empty() {
            self.method = if self.body.is_some() { "POST" } else { "GET" }.to_owned();
        }
        let has_type = self.headers.iter().any(|(name, _)| name == "content-type");
        if self.body.is_some() && !has_type {
            let form = "application/x-www-form-urlencoded";
            self.headers.push(("content-type".to_owned(), form.to_owned()));
        }
    }
}

/// `name=value`, where the value is escaped for a form.
fn encoded(field: &str) -> String {
    let (name, value) = field.split_once('=').unwrap_or(("", field));
    let octet = |octet: u8| match octet {
        b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'.' | b'_' | b'~' => char::from(octet).to_string(),
        _ => format!("%{octet:02X}"),
    };
    format!("{name}={}", value.bytes().map(octet).collect::<String>())
}

impl Answer {
    fn fields(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.iter().filter(move |(it, _)| it == name).map(|(_, value)| value.as_str())
    }

    /// Reads a member of the body, or a header field.
    fn part(&self, name: &str) -> Option<String> {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        let member = match &body[name] {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            value => Some(value.to_string()),
        };
        member.or_else(|| self.fields(name).next().map(str::to_owned))
    }

    fn has_body(&self, shown: &str) -> bool {
        match (serde_json::from_str(shown), serde_json::from_str(&self.body)) {
            (Ok(shown), Ok(body)) => is_alike(&shown, &body),
            _ => is_like(shown, self.body.trim_end()),
        }
    }
}

/// Formats the answer for `docs/API.md`.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP/1.1 {}", self.status)?;
        for name in SHOWN {
            for value in self.fields(name) {
                write!(f, "\n{name}: {}", if name == "etag" { "\"…\"" } else { value })?;
            }
        }
        let Ok(value) = serde_json::from_str::<Value>(&self.body) else {
            return if self.body.is_empty() { Ok(()) } else { write!(f, "\n\n{ANYTHING}") };
        };
        if self.body.len() > LONGEST {
            return write!(f, "\n\n{ANYTHING}");
        }
        let mut body = self.body.trim_end().to_owned();
        for (name, length) in VARIABLE {
            for text in members(&value, name) {
                body = body.replace(text, &format!("{}{ANYTHING}", text.get(..length).unwrap_or_default()));
            }
        }
        write!(f, "\n\n{body}")
    }
}

/// The texts that are members of this name, at any depth.
fn members<'a>(value: &'a Value, name: &str) -> Vec<&'a str> {
    match value {
        Value::Object(object) => {
            let own = object.get(name).and_then(Value::as_str);
            own.into_iter().chain(object.values().flat_map(|it| members(it, name))).collect()
        }
        Value::Array(items) => items.iter().flat_map(|it| members(it, name)).collect(),
        _ => Vec::new(),
    }
}

fn is_alike(shown: &Value, value: &Value) -> bool {
    match (shown, value) {
        (Value::String(shown), Value::String(text)) => is_like(shown, text),
        (Value::Array(shown), Value::Array(items)) => {
            shown.len() == items.len() && shown.iter().zip(items).all(|(shown, item)| is_alike(shown, item))
        }
        (Value::Object(shown), Value::Object(members)) => {
            let has =
                |(name, shown): (&String, &Value)| members.get(name).is_some_and(|it| is_alike(shown, it));
            shown.len() == members.len() && shown.iter().all(has)
        }
        _ => shown == value,
    }
}

fn is_like(shown: &str, text: &str) -> bool {
    let is_time = |text: &str| shape(text) == "0000-00-00T00:00:00.000000Z";
    match shown.split_once(ANYTHING) {
        Some((start, end)) => text.strip_prefix(start).is_some_and(|rest| rest.ends_with(end)),
        None => shown == text || (is_time(shown) && is_time(text)),
    }
}

/// Replaces every digit by 0.
fn shape(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEXT: &str = r#"# A walk

Log in.

```console
$ curl -i http://127.0.0.1:3000/auth/login \
    -d username=ada@example.com --data-urlencode 'password=a b'
HTTP/1.1 200 OK

{"access_token":"eyJ0…","expires_in":900}
```

Keep `access_token` as `TOKEN`.

```console
$ curl -i "http://127.0.0.1:3000/users/?limit=1" -H "Authorization: Bearer $TOKEN"
HTTP/1.1 200 OK
x-total-count: 1

[{"id":1,"created_at":"2026-11-24T02:30:55.712847Z"}]

$ cargo xtask create-admin root@example.com
administrator 2 root@example.com
```
"#;

    fn answer(status: &str, body: &str) -> Answer {
        let headers = vec![("x-total-count".to_owned(), "1".to_owned())];
        Answer { status: status.to_owned(), headers, body: body.to_owned() }
    }

    #[test]
    fn a_walk_is_read_and_taken() {
        let steps = steps(TEXT);
        let mut walk = Walk::default();
        let [login, list, admin] = &steps[..] else { panic!("three steps: {steps:#?}") };

        let Ok(Action::Request(request)) = walk.action(login) else { panic!("a request") };
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/auth/login"));
        assert_eq!(request.body.as_deref(), Some("username=ada@example.com&password=a%20b"));
        assert_eq!(request.headers[0].1, "application/x-www-form-urlencoded");
        walk.check(login, &answer("200 OK", r#"{"access_token":"eyJ0x","expires_in":900}"#)).unwrap();

        let Ok(Action::Request(request)) = walk.action(list) else { panic!("a request") };
        assert_eq!((request.method.as_str(), request.path.as_str()), ("GET", "/users/?limit=1"));
        assert_eq!(request.headers, [("authorization".to_owned(), "Bearer eyJ0x".to_owned())]);
        walk.check(list, &answer("200 OK", r#"[{"created_at":"2027-01-01T00:00:00.000001Z","id":1}]"#))
            .unwrap();

        assert_eq!(walk.action(admin), Ok(Action::CreateAdmin("root@example.com".to_owned())));
        walk.check_output(admin, "administrator 2 root@example.com\n").unwrap();
        assert!(walk.check_output(admin, "administrator 3 root@example.com").is_err());
    }

    #[test]
    fn another_answer_is_refused() {
        let list = &steps(TEXT)[1];
        for (status, body) in [
            ("201 Created", r#"[{"id":1,"created_at":"2027-01-01T00:00:00.000001Z"}]"#),
            ("200 OK", r#"[{"id":2,"created_at":"2027-01-01T00:00:00.000001Z"}]"#),
            ("200 OK", r#"[{"id":1,"created_at":"yesterday"}]"#),
            ("200 OK", r#"[{"id":1,"created_at":"2027-01-01T00:00:00.000001Z","x":1}]"#),
            ("200 OK", ""),
        ] {
            assert!(Walk::default().check(list, &answer(status, body)).is_err(), "{status} {body}");
        }
        let without =
            Answer { headers: Vec::new(), ..answer("200 OK", &list.answer[list.answer.len() - 53..]) };
        assert!(Walk::default().check(list, &without).is_err());
    }

    #[test]
    fn an_answer_is_shown_without_its_secrets() {
        let keys = answer("200 OK", r#"{"keys":[{"kid":"kPrK_qmx","x":"11qYAYKx","kty":"OKP"}]}"#);
        let shown = r#"{"keys":[{"kid":"…","x":"…","kty":"OKP"}]}"#;
        assert!(keys.to_string().ends_with(shown), "{keys}");
        let body = json!({"access_token": "eyJ0eXAiOiJhdCtqd3QiLCJ", "token_type": "bearer"}).to_string();
        let shown = answer("200 OK", &body).to_string();
        let expected = "HTTP/1.1 200 OK\nx-total-count: 1\n\n{\"access_token\":\"eyJ0eXAiOiJh…\",\"token_type\":\"bearer\"}";
        assert_eq!(shown, expected);
    }

    #[test]
    fn the_token_of_a_link_is_kept_and_not_shown() {
        let text = "```console\n$ cargo xtask up\nmail to ada@example.com: http://127.0.0.1:3000/x#token=…\n```\n\nKeep `token` as `LINK`.\n\n\
                    ```console\n$ curl -i http://127.0.0.1:3000/y -d $LINK\nHTTP/1.1 200 OK\n```\n";
        let steps = steps(text);
        let [read, send] = &steps[..] else { panic!("two steps: {steps:#?}") };
        let mut walk = Walk::default();
        assert_eq!(walk.action(read), Ok(Action::ReadMail));
        let output =
            mail("{\"level\":\"info\"}\nmail to ada@example.com: http://127.0.0.1:3000/x#token=s3cret\n");
        walk.check_output(read, &output).unwrap();
        let Ok(Action::Request(request)) = walk.action(send) else { panic!("a request") };
        assert_eq!(request.body.as_deref(), Some("s3cret"));
        assert_eq!(without_tokens(&output), read.answer);
        assert!(walk.check_output(read, "").is_err() && walk.check_output(read, "mail to x: y").is_err());
    }

    #[test]
    fn answers_are_written_to_their_place() {
        let all = steps(TEXT);
        let written = with_answers(
            TEXT,
            &[(&all[0], "HTTP/1.1 401 Unauthorized".to_owned()), (&all[2], "x\ny".to_owned())],
        );
        let again: Vec<String> = steps(&written).into_iter().map(|step| step.answer).collect();
        assert_eq!(again, ["HTTP/1.1 401 Unauthorized", all[1].answer.as_str(), "x\ny"]);
        assert!(written.ends_with("x\ny\n```\n"), "{written}");
    }

    #[test]
    fn a_wrong_copy_of_a_step_is_a_fault() {
        assert!(faults(TEXT, TEXT).is_empty());
        let faults = faults(TEXT, &TEXT.replace("limit=1", "limit=2"));
        assert_eq!(faults, ["README.md:16 is not a step of docs/API.md: copy the step from there"]);
    }
}
