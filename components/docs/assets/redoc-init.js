// The page's policy allows ReDoc's own style sheets only, and scripts that set a property.
document.body.style.margin = "0";

Redoc.init("/openapi.json", {}, document.getElementById("redoc"));
