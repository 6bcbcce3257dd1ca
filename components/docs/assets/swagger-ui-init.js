SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#swagger-ui",
    deepLinking: true,
    layout: "BaseLayout",
    // Do not store the token in the browser, where others could find it.
    persistAuthorization: false,
    presets: [SwaggerUIBundle.presets.apis],
    // No validator: the default one is on another host.
    validatorUrl: null,
});
