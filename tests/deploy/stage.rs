//! Starts the parts of an overlay on this machine.

use std::collections::BTreeMap;
use std::env;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use local_postgres::{Binaries, Cluster, Settings, random_hex};
use serde_json::Value;
use tokio::time::{Instant, sleep};
use users_manifests::{Manifests, Object, Secrets};
use users_tests::{Front, Host, LIMITS, environment, free_address};

use crate::balancer::Balancer;

/// The number of replicas. During a roll-out, there is one more.
const REPLICAS: usize = 2;
/// The time limit until a replica is ready.
const READY: Duration = Duration::from_secs(60);
/// The name of the Secret in `k8s/base/secret.yaml`.
const SECRET: &str = "users-secrets";

/// An overlay and its database. The Job of the overlay has migrated the database.
pub(crate) struct Ground {
    pub(crate) manifests: Manifests,
    pub(crate) secrets: Secrets,
    pub(crate) cluster: Cluster,
}

/// The service of `overlays/prod`: replicas behind a load balancer.
pub(crate) struct Stage {
    // The fields are in the order in which they are dropped.
    pub(crate) balancer: Balancer,
    /// The replicas, each with its place in the balancer.
    replicas: Vec<(usize, Host)>,
    ground: Ground,
}

impl Deref for Stage {
    type Target = Ground;

    fn deref(&self) -> &Ground {
        &self.ground
    }
}

impl DerefMut for Stage {
    fn deref_mut(&mut self) -> &mut Ground {
        &mut self.ground
    }
}

impl Stage {
    /// Starts all parts in the same order as Kubernetes after `kubectl apply`.
    pub(crate) async fn set_up() -> Self {
        Self::set_up_with(&[]).await
    }

    /// The same with more values in the Secret.
    pub(crate) async fn set_up_with(secrets: &[(&str, &str)]) -> Self {
        let mut ground = Ground::set_up("prod");
        for (key, value) in secrets {
            *ground.secret(key) = (*value).to_owned();
        }
        let app = ground.manifests.one("SpinApp", "users-api").expect("production has the service");
        let readiness = app.get("/spec/checks/readiness").expect("it has a readiness check");
        let balancer = Balancer::start(REPLICAS + 1, readiness);
        let mut stage = Self { balancer, replicas: Vec::new(), ground };
        for place in 0..REPLICAS {
            let replica = stage.start_replica().await;
            stage.balancer.add(place, replica.address());
            stage.replicas.push((place, replica));
        }
        stage
    }

    /// The service behind the load balancer.
    pub(crate) fn front(&self) -> Front {
        Front::new(self.balancer.address(), true)
    }

    /// Replaces every replica like a Deployment. A new replica gets requests once it is ready. Then an old replica gets no new
    /// requests. The old replica is killed only after it has answered its current requests, because Spin's shim would not wait for
    /// them.
    pub(crate) async fn rolling_restart(&mut self) {
        for _ in 0..REPLICAS {
            let replica = self.start_replica().await;
            let taken: Vec<usize> = self.replicas.iter().map(|(place, _)| *place).collect();
            let place = (0..=REPLICAS).find(|place| !taken.contains(place)).expect("one place is free");
            self.balancer.add(place, replica.address());
            let (old_place, old) = self.replicas.remove(0);
            self.replicas.push((place, replica));
            self.balancer.remove(old_place).await;
            old.kill();
            self.balancer.until_used(place).await;
        }
    }

    /// Starts a replica with exactly the variables of the SpinApp, and waits until it is ready.
    async fn start_replica(&self) -> Host {
        let app = self.manifests.one("SpinApp", "users-api").expect("production has the service");
        self.start(app, &environment().manifest).await
    }
}

impl Ground {
    /// Starts Postgres with the settings of the overlay's StatefulSet, and runs its script and its Job.
    pub(crate) fn set_up(overlay: &str) -> Self {
        let manifests = rendered(overlay);
        let secrets = generated_secrets();
        let server = manifests.one("StatefulSet", "postgres").expect("there is a Postgres");
        let cluster =
            Cluster::temporary(&Binaries::find().expect("Postgres is installed"), &settings(server))
                .expect("a cluster can be made");
        let ground = Self { manifests, secrets, cluster };
        ground.initialize_database();
        ground.run_job(&[]);
        ground
    }

    /// Serves a manifest with exactly the variables of a SpinApp. Waits until it is ready.
    pub(crate) async fn start(&self, app: &Object, manifest: &Path) -> Host {
        self.start_with(app, manifest, &[]).await
    }

    /// The same with these variables in place of those of the SpinApp.
    pub(crate) async fn start_with(&self, app: &Object, manifest: &Path, replaced: &[(&str, &str)]) -> Host {
        let mut variables =
            self.manifests.environment(app.get("/spec/variables"), &self.secrets).expect("each has a value");
        for (name, value) in &mut variables {
            match name.as_str() {
                "db_host" => *value = self.resolve(value),
                "db_port" => *value = self.cluster.port().to_string(),
                _ => {}
            }
        }
        variables.extend(LIMITS.map(|name| (name.to_owned(), "0".to_owned())));
        for (name, value) in replaced.iter().filter(|(name, _)| app_has(app, name)) {
            variables.insert((*name).to_owned(), (*value).to_owned());
        }
        let replica = Host::start(manifest, &variables, &[]);
        let replica =
            replica.unwrap_or_else(|log| panic!("expected {} to serve; its log:\n{log}", app.title()));
        let path = app.text("/spec/checks/readiness/httpGet/path").expect("it has a readiness check");
        let front = Front::new(replica.address(), true);
        let deadline = Instant::now() + READY;
        while front.get(path).send().await.status != 200 {
            let log = replica.logs().tail(40);
            assert!(Instant::now() < deadline, "expected {} to be ready: {log}", app.title());
            sleep(Duration::from_millis(50)).await;
        }
        replica
    }

    /// Runs the containers of the migration Job in order. `more` are additional arguments for `migrate`.
    pub(crate) fn run_job(&self, more: &[&str]) {
        let jobs: Vec<&Object> = self.manifests.of_kind("Job").collect();
        let [job] = jobs[..] else { panic!("expected one Job: {jobs:#?}") };
        let containers =
            ["/spec/template/spec/initContainers", "/spec/template/spec/containers"].map(|it| job.list(it));
        for container in containers.into_iter().flatten() {
            let arguments = strings(container, "args");
            let mut command = Command::new(&environment().ctl);
            command.args(&arguments);
            if arguments.iter().any(|it| it == "migrate") {
                command.args(more);
            }
            run(command.env_clear().envs(self.env(container)));
        }
    }

    /// The environment of a container, with the address of the test's own Postgres.
    pub(crate) fn env(&self, container: &Value) -> BTreeMap<String, String> {
        let mut env =
            self.manifests.environment(container.get("env"), &self.secrets).expect("each has a value");
        for (name, value) in &mut env {
            match name.as_str() {
                "SPIN_VARIABLE_DB_HOST" | "PGHOST" => *value = self.resolve(value),
                "SPIN_VARIABLE_DB_PORT" | "PGPORT" => *value = self.cluster.port().to_string(),
                _ => {}
            }
        }
        env
    }

    /// The address for the name of a Service.
    fn resolve(&self, name: &str) -> String {
        assert!(self.manifests.has("Service", name), "expected a Service {name}");
        "127.0.0.1".to_owned()
    }

    /// Runs the script that the image runs after the creation of the cluster.
    fn initialize_database(&self) {
        let server = self.manifests.one("StatefulSet", "postgres").expect("there is a Postgres");
        let container = server.list("/spec/template/spec/containers").next().expect("it has a container");
        let scripts: Vec<&str> = self
            .manifests
            .of_kind("ConfigMap")
            .filter(|config| config.name().starts_with("postgres-init"))
            .filter_map(|config| config.text("/data/10-users.sh"))
            .collect();
        let [script] = scripts[..] else { panic!("expected one script: {scripts:?}") };
        let mut command = Command::new("bash");
        command.args(["-euc", script]).env_clear().envs(self.env(container));
        // In the pod, psql connects through the server's Unix socket.
        command.envs([("PGHOST", "127.0.0.1"), ("PGPORT", &self.cluster.port().to_string())]);
        run(command.env("PGPASSWORD", self.cluster.superuser_password()).env("PATH", path()));
    }

    /// Runs statements in the service's database as the superuser.
    pub(crate) fn sql(&self, statements: &str) -> String {
        self.cluster.sql(&self.database(), statements).expect("Postgres runs it")
    }

    /// The name of the service's database.
    pub(crate) fn database(&self) -> String {
        let config = self.manifests.one("ConfigMap", "users-config").expect("production is configured");
        config.text("/data/db_name").expect("the database has a name").to_owned()
    }

    /// The value of a key of the Secret.
    pub(crate) fn secret(&mut self, key: &str) -> &mut String {
        self.secrets.get_mut(SECRET).expect("the Secret exists").entry(key.to_owned()).or_default()
    }
}

/// Prints the logs of the replicas when a test fails.
impl Drop for Stage {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for (place, replica) in &self.replicas {
                eprintln!("replica {place}:\n{}\n", replica.logs().tail(20));
            }
        }
    }
}

fn app_has(app: &Object, variable: &str) -> bool {
    app.list("/spec/variables").any(|it| it["name"] == variable)
}

/// An overlay, rendered by `cargo xtask k8s render`.
pub(crate) fn rendered(overlay: &str) -> Manifests {
    Manifests::parse(&text_of(overlay)).expect("kustomize writes YAML")
}

/// The text of a rendered overlay.
pub(crate) fn text_of(overlay: &str) -> String {
    let dir = env::var_os("USERS_TEST_K8S_DIR").expect("run the tests with `cargo xtask test`");
    std::fs::read_to_string(PathBuf::from(dir).join(format!("{overlay}.yaml")))
        .expect("the overlay is rendered")
}

/// Random values, generated as the comment in `k8s/base/secret.yaml` says.
fn generated_secrets() -> Secrets {
    let random = |octets| random_hex(octets).expect("the system gives random octets");
    let values = [("postgres_password", 24), ("db_password", 24), ("key_secret", 48), ("limit_secret", 48)];
    let values = values.map(|(key, octets)| (key.to_owned(), random(octets)));
    let mut values = BTreeMap::from(values);
    for part in ["auth", "users", "rbac", "profile", "system", "worker"] {
        values.insert(format!("db_user_{part}"), format!("users_{part}_1"));
        values.insert(format!("db_password_{part}"), random(24));
    }
    // Nobody listens there.
    values.insert("smtp_url".to_owned(), format!("smtp://{}", free_address()));
    Secrets::from([(SECRET.to_owned(), values)])
}

/// The settings `-c name=value` that the StatefulSet passes to its server.
fn settings(server: &Object) -> Settings {
    let container = server.list("/spec/template/spec/containers").next().expect("it has a container");
    let arguments = strings(container, "args");
    let mut settings = Settings { max_connections: 0, durable: true, extra: Vec::new() };
    for pair in arguments.chunks(2) {
        let [flag, setting] = pair else { panic!("expected pairs: {arguments:?}") };
        let (name, value) = setting.split_once('=').expect("a setting has a value");
        assert_eq!(flag, "-c", "expected settings only: {arguments:?}");
        match name {
            "max_connections" => settings.max_connections = value.parse().expect("it is a number"),
            _ => settings.extra.push((name.to_owned(), value.to_owned())),
        }
    }
    settings
}

/// The strings in a list.
pub(crate) fn strings(value: &Value, member: &str) -> Vec<String> {
    let list = value.get(member).and_then(Value::as_array).into_iter().flatten();
    list.map(|it| it.as_str().expect("a text").to_owned()).collect()
}

/// `PATH`, with the Postgres programs first.
pub(crate) fn path() -> String {
    let binaries = Binaries::find().expect("Postgres is installed");
    format!("{}:{}", binaries.dir().display(), env::var("PATH").unwrap_or_default())
}

/// Runs a command and returns its output. The command must succeed.
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().expect("the program can be started");
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    assert!(output.status.success(), "expected success: {}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}
