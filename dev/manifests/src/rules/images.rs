//! Every image has a version, so that the same program runs everywhere.

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
            if !has_version(image) {
                faults.push(format!(
                    "{}: the image \"{image}\" has no version: add a tag or a digest",
                    pod.owner.title()
                ));
            } else if pod.owner.kind() == "Job" && !is_named_after(pod.owner, image) {
                faults.push(format!(
                    "{}: a Job is immutable, so its name has to end with the version of {image}: rename it",
                    pod.owner.title()
                ));
            }
        }
    }
    faults
}

fn has_version(image: &str) -> bool {
    image.contains("@sha256:") || tag(image).is_some_and(|tag| tag != "latest")
}

/// The tag of `registry:5000/name:tag`.
fn tag(image: &str) -> Option<&str> {
    let (_, name) = image.rsplit_once('/').unwrap_or(("", image));
    name.split_once(':').map(|(_, tag)| tag).filter(|tag| !tag.is_empty())
}

fn is_named_after(job: &Object, image: &str) -> bool {
    tag(image).is_none_or(|tag| job.name().ends_with(&format!("-{}", tag.replace(['.', '_'], "-"))))
}

#[cfg(test)]
mod tests {
    use super::has_version;

    #[test]
    fn a_port_is_not_a_tag() {
        assert!(has_version("r.example:5000/users:1.2.3"));
        assert!(has_version("users@sha256:0123"));
        for image in ["users", "r.example:5000/users", "users:latest", "users:", ""] {
            assert!(!has_version(image), "{image}");
        }
    }
}
