// The page's policy allows only ReDoc's own style sheets, so this script sets the margin.
document.body.style.margin = "0";

Redoc.init("/openapi.json", {}, document.getElementById("redoc"));
