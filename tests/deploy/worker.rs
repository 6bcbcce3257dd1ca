//! Runs the worker as its Deployment does.

use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use users_tests::{Front, environment, eventually, free_address};

use crate::stage::{Ground, strings};

#[tokio::test(flavor = "multi_thread")]
async fn the_worker_is_ready_with_its_environment_only_and_ends_when_asked() {
    let ground = tokio::task::spawn_blocking(|| Ground::set_up("prod")).await.expect("it is set up");
    let worker = ground.manifests.one("Deployment", "users-worker").expect("production has a worker");
    let container = worker.list("/spec/template/spec/containers").next().expect("it has a container");
    let mut environment_of_pod = ground.env(container);
    let listen = environment_of_pod.get_mut("WORKER_LISTEN").expect("it answers probes");
    let (_, port) = listen.split_once(':').expect("an address has a port");
    assert_eq!(container["ports"][0]["containerPort"].to_string(), port, "expected the port of the probes");
    let address = free_address();
    listen.clone_from(&address);

    let mut child = Command::new(&environment().ctl)
        .args(strings(container, "args"))
        .env_clear()
        .envs(environment_of_pod)
        .stdin(Stdio::null())
        .spawn()
        .expect("usersctl can be started");
    let probes = Front::new(&address, false);
    for probe in ["readinessProbe", "livenessProbe"] {
        let path = container[probe]["httpGet"]["path"].as_str().expect("a probe has a path");
        eventually(&format!("the worker answers {path}"), async || {
            let ended = child.try_wait().expect("it is our child");
            assert!(ended.is_none(), "expected the worker to go on: {ended:?}");
            probes.get(path).try_send().await.is_ok_and(|answer| answer.status == 200)
        })
        .await;
    }
    kill_process(Pid::from_child(&child), Signal::TERM).expect("it can be asked");
    eventually("the worker ends", async || child.try_wait().expect("it is our child").is_some()).await;
    assert!(child.wait().expect("it has ended").success(), "expected a clean end");
}
