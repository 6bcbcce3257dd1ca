//! The hostile twin of auth and users.

#[cfg(target_family = "wasm")]
mod guest {
    use spin_sdk::http::{IntoResponse, Request};

    #[spin_sdk::http_service]
    async fn handle(request: Request) -> impl IntoResponse {
        hostile::obey(request, own).await
    }

    async fn own(order: &str, rest: &str) -> Option<String> {
        match order {
            "policy" => Some(policy::ask()),
            "password" => Some(password::ask(rest)),
            _ => hostile::attack_database(order, rest).await,
        }
    }

    mod policy {
        wit_bindgen::generate!({ path: "../../../wit/policy.wit", world: "policy-user" });

        use users::policy::evaluation::{Context, Decision, Permission, Subject, evaluate};

        /// Asks the policy if somebody else administrates. It answers, and nothing follows from it.
        pub(super) fn ask() -> String {
            let everything = Permission { resource: "admin".to_owned(), action: "all".to_owned() };
            let subject = Subject { user_id: 1, is_admin: true, roles: Vec::new() };
            let context =
                Context { time: 0, method: "GET".to_owned(), route: "/users/".to_owned(), target_user: None };
            match evaluate(&subject, &[], &everything, &context) {
                Decision::Allow => "answered".to_owned(),
                Decision::Deny(reason) => format!("answered\n{reason}"),
            }
        }
    }

    mod password {
        wit_bindgen::generate!({ path: "../../../wit/password.wit", world: "password-user" });

        use users::password::rule::{Candidate, Verdict, judge};

        /// Asks the rule about a password. It answers, and nothing follows from it.
        pub(super) fn ask(password: &str) -> String {
            let candidate = Candidate {
                password: password.to_owned(),
                folded: password.to_owned(),
                email: None,
                full_name: None,
                denied_words: Vec::new(),
            };
            match judge(&candidate) {
                Verdict::Acceptable => "answered".to_owned(),
                Verdict::Refused(reason) => format!("answered\n{reason}"),
            }
        }
    }
}
