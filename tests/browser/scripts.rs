//! The scripts, each on a stage of its own.

use users_tests::Service;

use crate::stage::Stage;

/// The number of accounts in the service whose pages are weighed and timed.
const ACCOUNTS: u32 = 10_000;

#[tokio::test]
async fn a_person_finds_the_way_from_sign_up_to_deletion() {
    Stage::new().await.play("story.mjs");
}

#[tokio::test]
async fn every_form_of_an_account_succeeds_and_says_what_fails() {
    Stage::new().await.play("account.mjs");
}

/// Each login seems to be eleven minutes old.
const OLD_LOGINS: &str = "
    CREATE FUNCTION make_old() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.authenticated_at := now() - interval '11 minutes';
        RETURN NEW;
    END
    $$;
    CREATE TRIGGER make_old BEFORE INSERT ON sessions FOR EACH ROW EXECUTE FUNCTION make_old()";

#[tokio::test]
async fn an_old_login_is_confirmed_before_what_matters() {
    let stage = Stage::new().await;
    stage.service.sql(OLD_LOGINS).await;
    stage.play("confirm.mjs");
}

#[tokio::test]
async fn links_of_e_mails_work_once_and_leave_no_trace() {
    Stage::new().await.play("links.mjs");
}

#[tokio::test]
async fn an_administrator_gets_through_the_day() {
    Stage::new().await.play("console.mjs");
}

#[tokio::test]
async fn sessions_last_in_two_tabs_and_end_for_good() {
    let builder = Service::builder().variable("access_token_lifetime", "3s");
    Stage::of(builder).await.play("session.mjs");
}

#[tokio::test]
async fn a_second_factor_is_set_up_used_and_replaced() {
    let builder = Service::builder().variable("limit_codes", "5");
    Stage::of(builder).await.play("factors.mjs");
}

#[tokio::test]
async fn passkeys_sign_in_and_cannot_be_forged() {
    Stage::at_localhost().await.play_at_localhost("passkeys.mjs");
}

#[tokio::test]
async fn the_keyboard_is_enough() {
    Stage::new().await.play("keyboard.mjs");
}

#[tokio::test]
async fn no_page_needs_a_script() {
    Stage::new().await.play("plain.mjs");
}

#[tokio::test]
async fn hostile_text_stays_text_on_every_page() {
    Stage::new().await.play("hostile.mjs");
}

#[tokio::test]
async fn every_page_is_accessible_in_both_themes_and_languages() {
    Stage::new().await.play("accessible.mjs");
}

#[tokio::test]
async fn pages_are_light_and_fast() {
    Stage::with_accounts(ACCOUNTS).await.play("light.mjs");
}

#[tokio::test]
async fn too_many_attempts_are_told_in_words() {
    let builder = Service::builder().with_limits().variable("limit_password_failures", "3/10m");
    Stage::of(builder).await.play("limits.mjs");
}

#[tokio::test]
async fn a_service_that_is_closed_says_so() {
    let stage = Stage::new().await;
    let closed = stage.service.replica_with(&[("registration", "closed")]);
    stage.play_at(closed.address(), "closed.mjs");
}

#[tokio::test]
async fn who_has_not_verified_the_address_is_told_how() {
    let stage = Stage::new().await;
    let strict = stage.service.replica_with(&[("require_verified_email", "true")]);
    stage.play_at(strict.address(), "unverified.mjs");
}
