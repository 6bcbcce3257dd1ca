# The texts of every page: its frame, its navigation, and the messages of refusals.

## Frame
brand = Users
skip-to-content = Skip to the content
navigation-account = Your account
navigation-console = Administration
signed-in-as = Signed in as { $email }
sign-out = Sign out
sign-in = Sign in
request-id = Request { $id }
nav-account = Account
nav-console = Administration

## Forms
field-optional = (optional)
fault-field = This field { $message }.
fault-check-fields = Please correct the marked fields. Nothing has been changed.

## Sign in
sign-in-title = Sign in
sign-in-email = E-mail address
sign-in-password = Password
sign-in-button = Sign in
sign-in-passkey = Sign in with a passkey

## The second step of a sign-in
factor-title = One more step
factor-intro = Your password is right. Your account also asks for your second factor. You have 5 minutes.
factor-back = Sign in from the start

## The proof of a second factor
proof-code = Code
proof-code-hint = The six digits that your authenticator app shows now.
proof-recovery-code = Recovery code
proof-recovery-code-hint = One of the codes that you have kept, such as 7K3QX-0PV9M. Each works once.
proof-passkey = Use a passkey
proof-submit = Go on
proof-others = Use another way
error-passkey-refused = This passkey was not accepted. Try it again, or use another way.

## Passkeys, wherever one is made or used
passkey-known = This device has a passkey for your account already.
passkey-not-made = No passkey was made. Try it again when you are ready.
passkey-not-used = No passkey was used. Try it again, or use another way.
passkey-unsupported = This browser has no passkeys. Use another way, or another browser.
passkey-no-script = Passkeys need JavaScript, which is off in this browser.
passkey-elsewhere = Passkeys do not work at the address at which you have opened this service.

## Home
account-title = Your account
account-signed-in = You are signed in as { $email }.

## Changes that have been made
done-signed-out = You are signed out.
done-signed-out-here = You are signed out in this browser, but the service could not end the session itself. Sign in later and end it under “Sessions”.
done-session-ended = Your session has ended. Please sign in again.
done-account-inactive = This account is deactivated. Please contact the operator of this service.

## Refusals, by the code of the API
error-title-bad-request = This request could not be understood
error-title-forbidden = You may not do this
error-title-not-found = There is nothing here
error-title-conflict = This cannot be done now
error-title-too-many = Too many attempts
error-title-unavailable = The service is not available
error-title-other = That did not work
error-back = Back to your account
error-back-console = Back to the administration
error-invalid-credentials = The e-mail address or the password is wrong.
error-inactive-account = This account is deactivated. Please contact the operator of this service.
error-email-unverified = Your e-mail address is not confirmed yet. We have sent you the link again: open it, then sign in.
error-too-many-requests = There were too many attempts. Please try again in { $minutes ->
    [one] a minute
   *[other] { $minutes } minutes
}.
error-too-busy = The service has too much to do at the moment. Please try again in a minute.
error-validation-failed = Please correct the marked fields. Nothing has been changed.
error-not-found = There is nothing here. It may have been deleted.
error-method-not-allowed = This address only takes a form. Go back, and send the form again.
error-address-refused = The service does not accept this from your address. Please contact its operator.
error-admin-required = Only administrators may do this.
error-permission-denied = Your rights do not include this.
error-console-forbidden = The administration is for people with administrative rights. Your account has none.
error-internal-error = Something went wrong on our side. Please try again. If it happens again, tell the operator the number of the request.
error-database-unavailable = The service cannot reach its data at the moment. Please try again in a moment.
error-service-unreachable = A part of the service cannot be reached at the moment. Please try again in a moment.
error-service-slow = A part of the service takes too long to answer. Please try again in a moment.
error-bad-answer = A part of the service gave an answer that cannot be shown. Please try again, and tell the operator if it happens again.
error-answer-too-large = There is more to tell than this page can show.
error-form-outdated = This form is out of date, so nothing has been changed. Go back, reload the page and send it again.
error-foreign-form = This form was not sent by a page of this service, so nothing has been changed.
error-malformed-form = The form could not be read. Go back, reload the page and send it again.
error-request-timeout = The form did not arrive in time. Please send it again.
error-body-too-large = That was too much text for one form. Please send less at a time.
error-conflict = Somebody has changed this in the meantime. Reload the page and try again.
error-precondition-failed = Somebody has changed this in the meantime. Reload the page and try again.
