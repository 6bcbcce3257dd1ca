# The overview of the administration, the check of a permission, and the pages about the API.

## Navigation
nav-overview = Overview
nav-check = Check a permission
nav-api = API

## Overview
overview-title = Overview
overview-no-figures = The figures of this service are for people who may read accounts.
overview-accounts = Accounts
overview-new-this-week = New in the last 7 days
overview-active-sessions = Active sessions
overview-oldest-mail = Oldest e-mail that waits
overview-no-mail = None
overview-age-seconds = { $count } s
overview-age-minutes = { $count } min
overview-age-hours = { $count } h
overview-age-days = { $count } d
overview-mail-is-late = E-mails have been waiting for more than ten minutes. Check the worker and the mail server.
overview-schema-version = Schema version
overview-logins-title = Attempts to log in, last 24 hours
overview-attempts = Attempts
overview-logins = Logins
overview-hour = Hour (UTC)
overview-as-a-table = As a table
overview-chart-empty = Nobody has tried to log in in the last 24 hours.
overview-chart-summary = { $attempts } attempts to log in, of which { $logins } succeeded. Most of them, { $most }, in the hour from { $hour } UTC.
overview-chart-hour = From { $hour } UTC: { $attempts } attempts, { $logins } logins

## Check a permission
check-title = Check a permission
check-introduction = Asks the service whether somebody may do something right now, as another application would ask it.
check-who = Account
check-who-hint = Address or number; empty for yourself.
check-resource = Resource
check-resource-hint = What it is about, such as “article”.
check-action = Action
check-action-hint = What is to be done with it, such as “publish”.
check-button = Check
check-nobody = No account has this number or address. Nothing has been checked.
check-several = Several accounts match. Write the whole e-mail address.
check-answer = Answer
check-account = Account { $id }
check-allowed = Yes: { $who } may do { $right }.
check-denied = No: { $who } may not do { $right }.
check-by-roles = By these roles: { $roles }.
check-by-strict-roles = These roles grant it, but they count only with a second factor: { $roles }.
check-no-role = No role of the account grants it.
check-is-administrator = The account is marked as an administrator and may do everything.
check-is-inactive = The account is deactivated. It may do nothing until somebody activates it.
check-to-account = To the account

## API
api-title = API
api-introduction = Everything on these pages is also an operation of the API, with the same rights.
api-read-title = Read and try
api-read-text = What the API can do, with every field and every refusal.
api-swagger = Swagger UI, to try it
api-redoc = ReDoc, to read it
api-openapi = OpenAPI document, for generators
api-verify-title = For other services
api-verify-text = How another service recognises the tokens of this one.
api-metadata = Metadata (RFC 8414)
api-keys = Public keys (RFC 7517)
api-health-title = For monitoring
api-health-text = Whether the service runs, and whether it has its database.
api-healthz = It runs
api-readyz = It is ready
api-call-title = A call
api-call-text = A program sends its API key like an access token. Make a service account for it under “Accounts”, and a key there.
