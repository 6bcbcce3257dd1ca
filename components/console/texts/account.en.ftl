### The pages of an account but for its security: registration, links in e-mails, profile, preferences, export, deletion.

## Links of the navigation

nav-profile = Profile
nav-preferences = Preferences
nav-security = Security
nav-sessions = Sessions
nav-api-keys = API keys
nav-data = Your data
nav-delete = Delete account

## The first page

account-home-profile = Your name, your picture, and what others see of you.
account-home-preferences = Colours, language and messages.
account-home-security = Your password, your e-mail address and your second factor.
account-home-sessions = Where you are signed in. Sign out elsewhere.
account-home-api-keys = Keys for programs that act in your name.
account-home-data = Download your data, or delete your account.

## Refusals

error-registration-closed = This service creates no accounts by itself. Ask an administrator for an invitation.
error-link-invalid = This link does not work any more: it was used, it is too old, or a newer one has replaced it. Open the newest message that you get.

## Registration

register-title = Create an account
register-intro = You need an e-mail address that you can read. We send a link to it.
register-email = E-mail address
register-full-name = Your name
register-full-name-hint = You may leave it out.
register-password = Password
register-submit = Create the account
register-sign-in = You have an account already?
register-sign-in-link = Sign in
register-closed-title = No registration here
register-closed = This service creates no accounts by itself. Ask an administrator for an invitation.
done-registered = Your account is ready. Open the link that we have sent to your address, then sign in.

## Passwords, wherever one is chosen

password-hint = At least 8 characters. Several words that belong together only for you are good.
password-show = Show the password

## A forgotten password

forgot-title = Forgotten your password?
forgot-intro = Enter the address of your account. If there is such an account, we send a link to it that sets a new password.
forgot-email = E-mail address
forgot-submit = Send the link
done-link-sent = If an account has this address, a link is on its way to it. The link works for 30 minutes. If nothing arrives, look into the folder for junk mail.
forgot-back = Back to the sign-in

## Links in e-mails

link-field = Link from the e-mail
link-hint = Copy the whole link out of the e-mail and paste it here.

## A new password by a link

reset-title = Choose a new password
reset-intro = The new password ends all sessions and API keys of the account.
reset-password = New password
reset-submit = Save the password
done-password-reset = Your password is saved. Sign in with it now.
reset-ask-again = Ask for a new link

## A verified address

verify-title = Confirm your e-mail address
verify-intro = Press the button to confirm that the address belongs to you.
verify-submit = Confirm the address
verify-ask-again = Sign in and ask for a new link
done-address-verified = Your address is confirmed.

## Profile

profile-title = Profile
profile-intro = Only your name is needed anywhere. Everything else is up to you.
profile-full-name = Name
profile-bio = About you
profile-bio-hint = At most 2,000 characters.
profile-avatar-url = Picture
profile-avatar-url-hint = The address of a picture, such as https://example.com/me.png
profile-location = Place
profile-website = Website
profile-website-hint = Such as https://example.com
profile-phone-number = Telephone
profile-phone-number-hint = With the code of the country, such as +44 20 7946 0958
profile-birth-date = Date of birth
profile-submit = Save the profile
done-profile-saved = Your profile is saved.
profile-conflict = Your profile was changed somewhere else since you opened this page, and nothing is saved yet. Your text is still here: compare it with what is stored now, and save again to replace it.
profile-stored = Stored now: { $value }
profile-stored-nothing = Stored now: nothing

## Preferences

preferences-title = Preferences
preferences-theme = Colours
preferences-theme-light = Light
preferences-theme-dark = Dark
preferences-theme-system = Same as the device
preferences-language = Language
preferences-language-browser = Same as the browser
preferences-timezone = Time zone
preferences-timezone-hint = The name of a zone such as Europe/Berlin.
preferences-messages = Messages
preferences-notifications-email = Send me news by e-mail
preferences-notifications-sms = Send me news by text message
preferences-privacy = Privacy
preferences-privacy-public-profile = Show my profile to everybody who is signed in
preferences-privacy-hint = Others see your name, text, picture, place and website. They never see your address, telephone number or date of birth.
preferences-submit = Save the preferences
done-preferences-saved = Your preferences are saved.

## Export

export-title = Your data
export-intro = You can save everything that this service keeps about you, as a file that people and programs can read (JSON).
export-withheld = The secrets of your password, your API keys, your second factors and links are not in it: the service keeps only their fingerprints, or keeps them encrypted.
export-submit = Save the file

## Deletion

delete-title = Delete the account
delete-intro = Your account goes with all that it holds: profile, preferences, roles, sessions and API keys. Nobody can bring it back.
delete-export = You may want to save your data first.
delete-export-link = Your data
delete-password = Your password
delete-confirmation = I want to delete the account { $email } for good
delete-submit = Delete the account
done-own-account-deleted = Your account is deleted.
