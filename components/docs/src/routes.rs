//! The routes of the component, and who may use them.

use users_web::{Public, Route, get};

use crate::asset::serve;
use crate::assets::{
    OPENAPI, REDOC_BUNDLE, REDOC_INIT, REDOC_LICENSE, REDOC_LOGO, REDOC_PAGE, SWAGGER_UI_BUNDLE,
    SWAGGER_UI_CSS, SWAGGER_UI_INIT, SWAGGER_UI_LICENSE, SWAGGER_UI_PAGE,
};

/// The table of routes.
#[rustfmt::skip]
#[must_use]
pub fn routes() -> Vec<Route<()>> {
    vec![
        get("/openapi.json",                          Public, serve(&OPENAPI)),

        get("/docs",                                  Public, serve(&SWAGGER_UI_PAGE)),
        get("/docs/init.js",                          Public, serve(&SWAGGER_UI_INIT)),
        get("/docs/swagger-ui.css",                   Public, serve(&SWAGGER_UI_CSS)),
        get("/docs/swagger-ui-bundle.js",             Public, serve(&SWAGGER_UI_BUNDLE)),
        get("/docs/swagger-ui-bundle.js.LICENSE.txt", Public, serve(&SWAGGER_UI_LICENSE)),

        get("/redoc",                                 Public, serve(&REDOC_PAGE)),
        get("/redoc/init.js",                         Public, serve(&REDOC_INIT)),
        get("/redoc/logo.svg",                        Public, serve(&REDOC_LOGO)),
        get("/redoc/redoc.standalone.js",             Public, serve(&REDOC_BUNDLE)),
        get("/redoc/redoc.standalone.js.LICENSE.txt", Public, serve(&REDOC_LICENSE)),
    ]
}
