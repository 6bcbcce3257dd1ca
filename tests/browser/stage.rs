//! A service, a worker that delivers its e-mails to a folder, and a browser.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;
use users_tests::{Builder, PASSWORD, Postman, Service, environment};

/// The administrator that each stage has.
const ADMINISTRATOR: &str = "root@example.com";

/// Everything that a script needs. Dropping the value ends it all.
#[derive(Debug)]
pub(crate) struct Stage {
    // The worker ends before its database does.
    _postman: Postman,
    inbox: TempDir,
    pub(crate) service: Service,
}

impl Stage {
    /// Starts a service with the settings of production, but without limits of attempts.
    pub(crate) async fn new() -> Self {
        Self::of(Service::builder()).await
    }

    /// Starts a service with special settings.
    pub(crate) async fn of(builder: Builder) -> Self {
        Self::on(builder.at_its_public_url().start().await).await
    }

    /// Starts a service whose name is `localhost`.
    pub(crate) async fn at_localhost() -> Self {
        Self::on(Service::builder().at_localhost().start().await).await
    }

    /// Starts a service with so many accounts.
    pub(crate) async fn with_accounts(number: u32) -> Self {
        let service = Service::builder().at_its_public_url().start().await;
        let (users, grants) = (number.to_string(), (number / 5).to_string());
        let _ = service.database().usersctl(&["seed", "--users", &users, "--grants", &grants]);
        Self::on(service).await
    }

    async fn on(service: Service) -> Self {
        service.administrator(ADMINISTRATOR).await;
        let inbox = tempfile::tempdir().expect("there is room for messages");
        let postman = service.postman(inbox.path());
        Self { _postman: postman, inbox, service }
    }

    /// Plays the tests of a script in this folder.
    ///
    /// # Panics
    /// When a test fails. The message is the report of Node's test runner.
    #[track_caller]
    pub(crate) fn play(&self, script: &str) {
        self.play_at(self.service.address(), script);
    }

    /// Plays the tests of a script on a service whose name is `localhost`.
    ///
    /// # Panics
    /// When a test fails.
    #[track_caller]
    pub(crate) fn play_at_localhost(&self, script: &str) {
        let port = self.service.address().rsplit(':').next().unwrap_or_default();
        self.play_at(&format!("localhost:{port}"), script);
    }

    /// Plays the tests of a script on a replica of the service, which has other settings.
    ///
    /// # Panics
    /// When a test fails.
    #[track_caller]
    pub(crate) fn play_at(&self, address: &str, script: &str) {
        let screenshots = environment().root().join("target/screenshots");
        fs::create_dir_all(&screenshots).expect("there is room for pictures");
        let mut node = Command::new(tool("USERS_TEST_NODE_BIN"));
        node.args(["--test", "--test-reporter=spec"])
            .arg(environment().root().join("tests/browser").join(script));
        node.env("BROWSE_MODULES", tool("USERS_TEST_NODE_MODULES"));
        node.env("BROWSE_CHROMIUM", tool("USERS_TEST_CHROMIUM_BIN"));
        node.env("BROWSE_SCREENSHOTS", screenshots).env("BROWSE_INBOX", self.inbox.path());
        node.env("BROWSE_URL", format!("http://{address}"));
        node.env("BROWSE_ADMINISTRATOR", ADMINISTRATOR).env("BROWSE_PASSWORD", PASSWORD);
        let output = node.stdin(Stdio::null()).output().expect("Node can be started");
        let report =
            [output.stdout, output.stderr].map(|it| String::from_utf8_lossy(&it).into_owned()).concat();
        // Shown when this test fails, and with the option -v.
        println!("{report}");
        assert!(output.status.success(), "expected every test of {script} to pass: see the report above");
    }
}

/// A program or a folder that `cargo xtask test` prepares.
fn tool(name: &str) -> PathBuf {
    env::var_os(name).map_or_else(|| panic!("run the tests with `cargo xtask test`"), PathBuf::from)
}
