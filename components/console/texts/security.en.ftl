### The pages about the security of an account: password, address, second factors, sessions, API keys.

## Security

security-title = Security
security-password-heading = Password
security-password-intro = A new password ends all other sessions of your account.
security-current-password = Current password
security-new-password = New password
security-password-submit = Change the password
done-password-changed = Your password is changed. All other sessions have ended.
security-email-heading = E-mail address
security-email-current = Your address is { $email }.
security-email-verified = It is confirmed.
security-email-unverified = It is not confirmed yet.
security-email = New address
security-email-password = Your password
security-email-submit = Change the address
done-address-asked = Open the link that we have sent to the new address. Until then, your present address counts.
security-verification-submit = Send the link again
done-verification-sent = A link is on its way to your address. It works for 3 days. At most one is sent in a minute.
security-elsewhere-heading = Access to your account
security-sessions-text = See where you are signed in, and sign out elsewhere.
security-api-keys-text = Let programs act in your name.

## The authenticator app

totp-heading = Authenticator app
totp-intro = An app on your phone shows a new code every 30 seconds. With it, nobody signs in with your password alone.
totp-none = You have set up no app.
totp-since = Set up:
totp-start = Set up an app
totp-replace = Set up another app
totp-remove = Remove the app
totp-remove-confirm = Codes of the app are not asked for any more. If it is your only second factor, your recovery codes end too, and your password alone is enough.
totp-title = Set up an authenticator app
totp-scan = Scan this code with the app.
totp-again = The app has the secret already if you have scanned the code. Enter the code that it shows now.
totp-qr = QR code with the secret
totp-open = Open an app on this device
totp-type = Or type this secret into the app:
totp-copy = Copy the secret
totp-code = Code of the app
totp-confirm = Turn it on
totp-cancel = Cancel
factors-first = Your other sessions end when you set up your first factor.
copied = Copied
done-totp-confirmed = The app is set up. From now on, your account asks for its codes.
done-totp-removed = The app is removed.
error-totp-not-begun = The time to set up the app is over, or you have begun again in another window. Set it up from the start.

## Recovery codes

codes-heading = Recovery codes
codes-intro = A recovery code replaces a second factor that you have lost.
codes-left = { $count ->
    [0] You have none left.
    [one] You have one left.
   *[other] You have { $count } left.
}
codes-make = Make new codes
codes-make-confirm = You get ten new codes, and the old ones end.
codes-shown-title = Your recovery codes
codes-shown-intro = Print these codes, or copy them to a safe place that is not the device with your second factor. They are shown this once. Each works once, and they replace all earlier ones.
codes-shown-owner = { $service }: { $email }
codes-print = Print
codes-copy = Copy the codes
codes-shown-back = I have kept them

## Passkeys

passkeys-heading = Passkeys
passkeys-intro = A passkey signs you in with your fingerprint, your face, a PIN or a security key, without your password. It also counts as a second factor.
passkeys-list = Your passkeys
passkeys-name = Name
passkeys-name-hint = For you, such as “phone”.
passkeys-added = Added
passkeys-used = Last used
passkeys-unused = never used
passkeys-backed-up = synchronised
passkeys-rename = Rename
passkeys-rename-label = Rename the passkey { $name }
passkeys-rename-submit = Save the name
passkeys-remove = Remove
passkeys-remove-label = Remove the passkey { $name }
passkeys-remove-confirm = The passkey “{ $name }” does not sign you in any more. If it is your only second factor, your recovery codes end too, and your password alone is enough.
passkeys-new-heading = New passkey
passkeys-new-submit = Add a passkey
error-passkey-exists = This passkey is in your account already. Use another device or security key.
error-no-second-factor = You have no second factor any more. Set one up first.
done-passkey-added = The passkey is added. You can sign in with it.
done-passkey-renamed = The passkey has the new name.
done-passkey-removed = The passkey is removed. Delete it on your device, too.
error-too-many-passkeys = You have 20 passkeys already. Remove one that you do not use any longer.

## A repeated proof

confirm-title = Confirm that it is you
confirm-intro = This needs a sign-in within the last 10 minutes. Show that it is still you. Then you come back, and press the button there again: nothing has been changed yet.
confirm-password = Password
confirm-submit = Confirm
confirm-cancel = Go back
done-confirmed = Thank you. Press the button again now: this works for 10 minutes.
error-insufficient-user-authentication = Use your code or your passkey. Your password is enough only if you have neither.

## Sessions

sessions-title = Sessions
sessions-intro = Here you are signed in. End a session that you do not know, and then change your password.
sessions-device = { $browser } on { $system }
sessions-device-unknown = Unknown device
sessions-current = This one
sessions-device-column = Device
sessions-signed-in = Signed in
sessions-used = Last used
sessions-address = Address
sessions-end-label = End the session { $device }
sessions-end-others-confirm = All other devices are signed out and must sign in again. This session goes on.
sessions-end = End
sessions-end-others = End all other sessions
sessions-too-many = You are signed in at more places than this page can show. If you do not know why, end all other sessions and change your password.
sessions-only = You are signed in nowhere else.
done-other-session-ended = The session has ended.
done-other-sessions-ended = All other sessions have ended.

## Times in relation to now

time-now = just now
time-minutes-ago = { $count ->
    [one] a minute ago
   *[other] { $count } minutes ago
}
time-hours-ago = { $count ->
    [one] an hour ago
   *[other] { $count } hours ago
}
time-days-ago = { $count ->
    [one] a day ago
   *[other] { $count } days ago
}
time-in-minutes = { $count ->
    [one] in a minute
   *[other] in { $count } minutes
}
time-in-hours = { $count ->
    [one] in an hour
   *[other] in { $count } hours
}
time-in-days = { $count ->
    [one] in a day
   *[other] in { $count } days
}

## API keys

keys-title = API keys
keys-intro = A program that has a key acts in your name. Give each program its own key, with no more rights than it needs.
keys-none = You have no API keys.
keys-list-heading = Your keys
keys-unused = never used
keys-used = Last used
keys-expires = Expires
keys-addresses-all = Everywhere
keys-end-confirm = The key “{ $name }” ends now. The program that uses it is refused from then on, and nobody can bring the key back.
keys-expires-never = Never
keys-expired = Expired
keys-permissions-none = Rights: none
keys-end = End
keys-end-label = End the key { $name }
done-api-key-ended = The key has ended. It is refused from now on.
keys-new-heading = New key
keys-name = Purpose
keys-name-hint = For you, such as “nightly report”.
keys-scope = Rights
keys-scope-all = All that I have
keys-scope-some = Only these
keys-permissions-field = Permissions
keys-permissions-more = Further permissions
keys-permissions-hint = A resource and an action each, such as accounts:read, with spaces or commas in between.
keys-expires-at = Last day
keys-expires-at-hint = The key ends with this day (UTC). Leave it empty for a key without an end.
keys-addresses-field = Addresses
keys-addresses-hint = The key is refused from all other addresses. Write single ones or networks, such as 192.0.2.7 or 10.0.0.0/8. Leave it empty for all.
keys-submit = Make the key
keys-shown-title = Your new key
keys-shown-intro = Copy the key “{ $name }” now. It is shown this once, and nobody can show it again.
keys-copy = Copy the key
keys-copied = Copied
keys-shown-back = I have copied it
