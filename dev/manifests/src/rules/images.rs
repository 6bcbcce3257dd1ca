//! Every image is of a release: what runs is known, and is the same everywhere.

use super::Context;
use crate::Object;
use crate::manifests::text;

pub(super) fn faults(context: &Context<'_>) -> Vec<String> {
    let mut faults = Vec::new();
    for pod in context.manifests.pods() {
        let containers = pod.containers().map(|it| text(it, "/image"));
        let app = (pod.owner.kind() == "SpinApp").then(|| pod.owner.text("/spec/image"));
        for image in containers.chain(app) {
            let image = image.unwrap_or_default();
            if !is_of_a_release(image) {
                faults.push(format!(
                    "{}: the image \"{image}\" names no release: give it a version as its tag, or a digest",
                    pod.owner.title()
                ));
            } else if pod.owner.kind() == "Job" && !tells_release(pod.owner, image) {
                faults.push(format!(
                    "{}: a Job cannot be changed, so its name ends with the version of {image}: rename it",
                    pod.owner.title()
                ));
            }
        }
    }
    faults
}

fn is_of_a_release(image: &str) -> bool {
    image.contains("@sha256:") || tag(image).is_some_and(|tag| tag != "latest")
}

/// The tag of `registry:5000/name:tag`.
fn tag(image: &str) -> Option<&str> {
    let (_, name) = image.rsplit_once('/').unwrap_or(("", image));
    name.split_once(':').map(|(_, tag)| tag).filter(|tag| !tag.is_empty())
}

fn tells_release(job: &Object, image: &str) -> bool {
    tag(image).is_none_or(|tag| job.name().ends_with(&format!("-{}", tag.replace(['.', '_'], "-"))))
}

#[cfg(test)]
mod tests {
    use super::is_of_a_release;

    #[test]
    fn a_port_is_no_tag() {
        assert!(is_of_a_release("r.example:5000/users:1.2.3"));
        assert!(is_of_a_release("users@sha256:0123"));
        for image in ["users", "r.example:5000/users", "users:latest", "users:", ""] {
            assert!(!is_of_a_release(image), "{image}");
        }
    }
}
