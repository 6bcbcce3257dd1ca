-- What was set up is forgotten: the release before sets up again what is missing, each time it runs.
DROP TABLE IF EXISTS rbac_setup;
