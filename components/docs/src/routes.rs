//! The routes of the component, and who may use them.

use users_web::{About, Public, Route, file, get, serve};

use crate::assets::{
    OPENAPI, REDOC_BUNDLE, REDOC_INIT, REDOC_LICENSE, REDOC_LOGO, REDOC_PAGE, SWAGGER_UI_BUNDLE,
    SWAGGER_UI_CSS, SWAGGER_UI_INIT, SWAGGER_UI_LICENSE, SWAGGER_UI_PAGE,
};

/// The table of routes. The files of the two pages are not operations of the API.
#[rustfmt::skip]
#[must_use]
pub fn routes() -> Vec<Route<()>> {
    vec![
        get("/openapi.json", Public, serve(&OPENAPI),         about_openapi),
        get("/docs",         Public, serve(&SWAGGER_UI_PAGE), about_docs),
        get("/redoc",        Public, serve(&REDOC_PAGE),      about_redoc),

        file("/docs/init.js",                          serve(&SWAGGER_UI_INIT)),
        file("/docs/swagger-ui.css",                   serve(&SWAGGER_UI_CSS)),
        file("/docs/swagger-ui-bundle.js",             serve(&SWAGGER_UI_BUNDLE)),
        file("/docs/swagger-ui-bundle.js.LICENSE.txt", serve(&SWAGGER_UI_LICENSE)),

        file("/redoc/init.js",                         serve(&REDOC_INIT)),
        file("/redoc/logo.svg",                        serve(&REDOC_LOGO)),
        file("/redoc/redoc.standalone.js",             serve(&REDOC_BUNDLE)),
        file("/redoc/redoc.standalone.js.LICENSE.txt", serve(&REDOC_LICENSE)),
    ]
}

fn about_openapi() -> About {
    About::new("getOpenapi", "Get this document", "The document (OpenAPI 3.1).")
        .media_type("application/json")
}

fn about_docs() -> About {
    About::new("getDocs", "Swagger UI", "The page.").media_type("text/html")
}

fn about_redoc() -> About {
    About::new("getRedoc", "ReDoc", "The page.").media_type("text/html")
}
